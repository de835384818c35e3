import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MultipartReader } from '../../../src/protocol/multipart/multipart-reader.ts';
import { everyCut, refusalOf } from '../http/cuts.ts';

const DISPOSITION = 'Content-Disposition: form-data; name="a"';

/** The parts of a body, cut everywhere: `[name, filename, type, data]` each; or how it was refused. */
function read(body: string | Buffer, boundary = 'b', maxHead = 100): unknown {
  return everyCut(Buffer.from(body), (pieces) => {
    const reader = new MultipartReader(boundary, maxHead);
    const parts: (string | undefined)[][] = [];
    let isOver = false;
    try {
      for (const piece of pieces) {
        reader.push(piece);
        for (let event = reader.pull(); event; event = reader.pull()) {
          assert.ok(!isOver, 'nothing follows the end');
          if (event.type === 'end') isOver = true;
          else if (event.type === 'part')
            parts.push([event.head.name, event.head.filename, event.head.type, '']);
          else (parts.at(-1) as string[])[3] += event.bytes.toString('latin1');
        }
      }
      reader.finish();
      assert.ok(isOver);
      return parts;
    } catch (error) {
      return refusalOf(error);
    }
  });
}

function part(data: string, head: string = DISPOSITION): string {
  return `--b\r\n${head}\r\n\r\n${data}\r\n`;
}

const text = (data: string) => ['a', undefined, 'text/plain', data];

describe('MultipartReader — RFC 7578, RFC 2046 §5.1.1', () => {
  it('reads fields and files', () => {
    const file = 'content-disposition: form-data; name="f"; filename="x.png"\r\nContent-Type: image/png';
    const body = `${part('1')}${part('\r\n--\r\n-- b\r\n', file)}--b--\r\n`;
    assert.deepEqual(read(body), [text('1'), ['f', 'x.png', 'image/png', '\r\n--\r\n-- b\r\n']]);
  });

  it('reads what FormData writes', async () => {
    const form = new FormData();
    form.append('a"\r\n%é', 'ü\r\nx');
    form.append('f', new Blob([Buffer.from([0, 13, 10, 45, 45, 255])], { type: 'x/y' }), 'C:\\é".bin');
    const response = new globalThis.Response(form);
    const boundary = /boundary=(.*)/.exec(response.headers.get('content-type') ?? '')?.[1];
    assert.deepEqual(read(Buffer.from(await response.arrayBuffer()), boundary, 500), [
      ['a"\r\n%é', undefined, 'text/plain', Buffer.from('ü\r\nx').toString('latin1')],
      ['f', 'C:\\é%22.bin', 'x/y', '\0\r\n--\xff'],
    ]);
  });

  it('reads no part, empty parts and parts without a body', () => {
    assert.deepEqual(read('--b--'), []);
    assert.deepEqual(read(`${part('')}--b--`), [text('')]);
    assert.deepEqual(read(`--b\r\n${DISPOSITION}\r\n\r\n--b--`), [text('')]);
  });

  it('passes over preamble, transport padding and epilogue', () => {
    const body = `so\r\n -- \r\n--b \t\r\n${DISPOSITION}\r\n\r\n1\r\n--b--  \r\n${part('2')}`;
    assert.deepEqual(read(body), [text('1')]);
  });

  it('keeps what only resembles a delimiter', () => {
    const data = 'x--b\r--b\n--b\r\n--\r\n-b\r\n\r';
    assert.deepEqual(read(`${part(data)}--b--`), [text(data)]);
  });

  for (const [what, body] of [
    ['nothing', ''],
    ['no delimiter', 'abc'],
    ['an end in a head', '--b\r\nContent-Di'],
    ['an end in a part', `--b\r\n${DISPOSITION}\r\n\r\nabc`],
    ['an end in the last delimiter', `${part('1')}--b-`],
    ['a boundary in the middle of a line', `--bc\r\n${DISPOSITION}\r\n\r\n1\r\n--b--`],
    ['line feeds alone', part('1').replaceAll('\r', '')],
    ['no head', '--b\r\n\r\n1\r\n--b--'],
    ['no name', part('1', 'Content-Disposition: form-data')],
    ['another disposition', part('1', 'Content-Disposition: file; name="a"')],
    ['two dispositions', part('1', `${DISPOSITION}\r\n${DISPOSITION}`)],
    ['a line that is no field', part('1', `${DISPOSITION}\r\nnonsense`)],
    ['a folded line', part('1', `${DISPOSITION}\r\n x: y`)],
    ['a bare line feed', part('1', `${DISPOSITION}; x="\n"`)],
    ['an encoding', part('1', `${DISPOSITION}\r\nContent-Transfer-Encoding: base64`)],
  ] as const) {
    it(`refuses ${what} with 400`, () => {
      assert.equal((read(body) as { status?: number }).status, 400);
    });
  }

  it('refuses a head over the limit with 413, ended or not, and does not collect it', () => {
    for (const head of [
      part('1', `${DISPOSITION}\r\nX: ${'x'.repeat(100)}`),
      `--b\r\n${'x'.repeat(200)}`,
      `--b${' '.repeat(200)}`,
    ])
      assert.equal((read(head) as { status?: number }).status, 413);
  });
});
