import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  acceptDeflate,
  type DeflateAgreement,
  negotiateDeflate,
  offerDeflate,
  parseExtensions,
  type WindowLimits,
} from '../../../src/protocol/websocket/extensions.ts';

const AGREED = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

describe('parseExtensions — RFC 6455 §9.1', () => {
  it('reads names, parameters and values', () => {
    assert.deepEqual(parseExtensions('foo'), [{ name: 'foo', parameters: [] }]);
    assert.deepEqual(parseExtensions(' foo ;\tbar = 1 ;baz, deflate-stream;x="10"'), [
      {
        name: 'foo',
        parameters: [
          { name: 'bar', value: '1' },
          { name: 'baz', value: undefined },
        ],
      },
      { name: 'deflate-stream', parameters: [{ name: 'x', value: '10' }] },
    ]);
  });

  it('unquotes values, which must be tokens then', () => {
    assert.equal(parseExtensions('a;b="c\\d\\e"')?.[0]?.parameters[0]?.value, 'cde');
    for (const value of [
      '""',
      '"c d"',
      '"c,d"',
      '"c;d"',
      '"c\\"d"',
      '"c\\\\d"',
      '"c=d"',
      '"\\ "',
      '"é"',
      '"c\td"',
    ]) {
      assert.equal(parseExtensions(`a;b=${value}`), undefined, value);
    }
  });

  it('passes over empty elements, but wants one extension', () => {
    assert.deepEqual(
      parseExtensions(' , a,, b ,')?.map(({ name }) => name),
      ['a', 'b'],
    );
    for (const value of ['', ' ', ',', ' , ,\t'])
      assert.equal(parseExtensions(value), undefined, JSON.stringify(value));
  });

  it('keeps the order, repeated names and the case', () => {
    assert.deepEqual(
      parseExtensions('b, a;x;x, b, A')?.map(({ name }) => name),
      ['b', 'a', 'b', 'A'],
    );
  });

  it('is not fooled by the names of objects', () => {
    assert.deepEqual(parseExtensions('__proto__;constructor=toString'), [
      { name: '__proto__', parameters: [{ name: 'constructor', value: 'toString' }] },
    ]);
  });

  for (const value of [
    ';',
    ';a',
    'a;',
    'a;;b',
    'a; ;b',
    'a;=b',
    'a;b=',
    'a;b= ,c',
    'a;b==c',
    'a=b',
    'a b',
    'a;b c',
    'a;b=c d',
    'a;b="c',
    'a;b="c\\',
    'a;b="',
    'a;b=c"d"',
    'a;b="c"d',
    'a;b="c" "d"',
    "a;b=c;'d=e f'",
    'a/b',
    'a;b/c',
    'a;b=c/d',
    '"a"',
    'a;"b"',
    '(a)',
    'a\u0000',
    'a;b\n',
    'é',
    'a;b=é',
  ]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(parseExtensions(value), undefined);
    });
  }

  it('reads back whatever was written', () => {
    const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,8}$/);
    const plain = { noNullPrototype: true };
    const parameter = fc.record({ name: token, value: fc.option(token, { nil: undefined }) }, plain);
    const extension = fc.record({ name: token, parameters: fc.array(parameter, { maxLength: 4 }) }, plain);
    fc.assert(
      fc.property(fc.array(extension, { minLength: 1, maxLength: 4 }), fc.boolean(), (extensions, quoted) => {
        const write = (value: string): string => (quoted ? `"${value.replace(/./g, '\\$&')}"` : value);
        const text = extensions.map(({ name, parameters }) =>
          [
            name,
            ...parameters.map(({ name, value }) =>
              value === undefined ? name : `${name} = ${write(value)}`,
            ),
          ].join(';'),
        );
        assert.deepEqual(parseExtensions(text.join(', ')), extensions);
      }),
    );
  });

  it('never throws, whatever comes', () => {
    const alphabet = fc.constantFrom(...'ab;,="\\ \t\u0000é');
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 40 }), (text) => void parseExtensions(text)),
    );
  });

  it('refuses more than 16 KiB', () => {
    assert.ok(parseExtensions('a'.repeat(16_384)));
    assert.equal(parseExtensions('a'.repeat(16_385)), undefined);
  });

  for (const [title, unit, end] of [
    ['commas', ',', 'a'],
    ['blanks', ' ', 'a'],
    ['extensions', 'a,', 'a'],
    ['parameters', 'a;', 'a'],
    ['one token', 'a', ''],
    ['an open quote', 'a;b="', ''],
    ['escapes', '\\a', ''],
    ['parameters with values', 'a;b="c",', 'a'],
    ['blanks that lead nowhere', ' \t', '('],
    ['equals signs', 'a;b=c;', '='],
  ] as const) {
    it(`16 KiB of ${title} cost as much per character as 1 KiB`, () => {
      const start = title === 'escapes' ? 'a;b="' : '';
      const steps = (length: number): number => countSteps(start + unit.repeat(length / unit.length) + end);
      const small = steps(1_000);
      const large = steps(16_000);
      assert.ok(large <= small * 17 + 50, `${small} steps for 1,000 characters, ${large} for 16,000`);
      assert.ok(large <= 16_000 * 12, `${large} steps`);
    });
  }
});

describe('negotiateDeflate — RFC 7692 §5, §7.1', () => {
  const none: DeflateAgreement = { response: AGREED, serverMaxWindowBits: 15, clientMaxWindowBits: 15 };

  it('§5.1 agrees without context takeover, whatever was offered', () => {
    for (const offer of [
      'permessage-deflate',
      'permessage-deflate; server_no_context_takeover',
      'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; client_max_window_bits=15',
    ]) {
      assert.deepEqual(negotiate(offer), none, offer);
    }
  });

  it('§5.1 takes the first offer that can be kept', () => {
    assert.deepEqual(
      negotiate('x-other, permessage-deflate; unknown, permessage-deflate; server_max_window_bits=10'),
      {
        response: `${AGREED}; server_max_window_bits=10`,
        serverMaxWindowBits: 10,
        clientMaxWindowBits: 15,
      },
    );
    assert.equal(
      negotiate('permessage-deflate; server_max_window_bits=9, permessage-deflate')?.serverMaxWindowBits,
      9,
    );
  });

  it('§5.1 declines when nothing was offered that is known', () => {
    for (const offer of [
      'x-webkit-deflate-frame',
      'permessage-bzip2',
      'Permessage-Deflate',
      'permessage-deflate2',
    ]) {
      assert.equal(negotiate(offer), undefined, offer);
    }
    assert.equal(negotiateDeflate([]), undefined);
  });

  for (const parameters of [
    'unknown',
    'unknown=1',
    '__proto__',
    'server_no_context_takeover=1',
    'server_no_context_takeover="true"',
    'client_no_context_takeover=0',
    'server_no_context_takeover; server_no_context_takeover',
    'client_no_context_takeover; client_no_context_takeover',
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=010',
    'server_max_window_bits=1e1',
    'server_max_window_bits=-9',
    'server_max_window_bits=9.0',
    'server_max_window_bits=x',
    'server_max_window_bits=10; server_max_window_bits=10',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=08',
    'client_max_window_bits=x',
    'client_max_window_bits; client_max_window_bits',
    'client_max_window_bits; client_max_window_bits=10',
    'client_max_window_bits=10; client_max_window_bits',
  ]) {
    it(`§7.1 passes over an offer with ${parameters}`, () => {
      assert.equal(negotiate(`permessage-deflate; ${parameters}`), undefined);
      assert.deepEqual(negotiate(`permessage-deflate; ${parameters}, permessage-deflate`), none);
    });
  }

  it('§7.1.2.1 keeps to server_max_window_bits, which may be quoted', () => {
    for (let bits = 9; bits <= 15; bits++) {
      for (const value of [`${bits}`, `"${bits}"`]) {
        assert.deepEqual(negotiate(`permessage-deflate; server_max_window_bits=${value}`), {
          response: `${AGREED}; server_max_window_bits=${bits}`,
          serverMaxWindowBits: bits,
          clientMaxWindowBits: 15,
        });
      }
    }
  });

  it('§7.1.2.1 declines a window of 8 bits, which zlib cannot make', () => {
    assert.equal(negotiate('permessage-deflate; server_max_window_bits=8'), undefined);
  });

  it('§7.1.2.1 names its own smaller window, offered or not', () => {
    const limits = { serverMaxWindowBits: 11 };
    for (const [offer, bits] of [
      ['permessage-deflate', 11],
      ['permessage-deflate; server_max_window_bits=15', 11],
      ['permessage-deflate; server_max_window_bits=10', 10],
    ] as const) {
      assert.equal(negotiate(offer, limits)?.response, `${AGREED}; server_max_window_bits=${bits}`);
    }
  });

  it('§7.1.2.2 asks for a smaller client window only of who offers it', () => {
    const limits = { clientMaxWindowBits: 12 };
    assert.deepEqual(negotiate('permessage-deflate', limits), none);
    for (const [offer, bits] of [
      ['permessage-deflate; client_max_window_bits', 12],
      ['permessage-deflate; client_max_window_bits=15', 12],
      ['permessage-deflate; client_max_window_bits=8', 8],
    ] as const) {
      assert.deepEqual(negotiate(offer, limits), {
        response: `${AGREED}; client_max_window_bits=${bits}`,
        serverMaxWindowBits: 15,
        clientMaxWindowBits: bits,
      });
    }
  });

  it('refuses options out of range', () => {
    for (const limits of [
      { serverMaxWindowBits: 8 },
      { serverMaxWindowBits: 16 },
      { clientMaxWindowBits: 7 },
      { clientMaxWindowBits: 12.5 },
      { serverMaxWindowBits: Number.NaN },
    ]) {
      assert.throws(
        () => negotiateDeflate([], limits),
        { code: 'E_WEBSOCKET_DEFLATE' },
        JSON.stringify(limits),
      );
    }
  });

  it('its answer is understood by the client side', () => {
    for (const limits of [{}, { serverMaxWindowBits: 9 }, { clientMaxWindowBits: 9 }]) {
      const agreement = negotiate(offerDeflate(), limits);
      assert.deepEqual(acceptDeflate(agreement?.response), agreement);
    }
  });
});

describe('acceptDeflate — RFC 7692 §5.1, §7.1', () => {
  it('§5.1 the server may decline', () => {
    assert.equal(acceptDeflate(undefined), undefined);
  });

  it('§7.1.1 takes an agreement without the server keeping its window', () => {
    for (const [response, serverMaxWindowBits] of [
      ['permessage-deflate; server_no_context_takeover', 15],
      [AGREED, 15],
      [`${AGREED}; server_max_window_bits=8`, 8],
      [`${AGREED}; server_max_window_bits="12"`, 12],
    ] as const) {
      assert.deepEqual(acceptDeflate(response), { response, serverMaxWindowBits, clientMaxWindowBits: 15 });
    }
  });

  for (const response of [
    '',
    ',',
    'permessage-deflate;',
    'permessage-deflate',
    'permessage-deflate; client_no_context_takeover',
    'x-other',
    `${AGREED}, x-other`,
    `x-other, ${AGREED}`,
    `${AGREED}, ${AGREED}`,
    `${AGREED}; unknown`,
    `${AGREED}; server_no_context_takeover`,
    `${AGREED}; server_max_window_bits`,
    `${AGREED}; server_max_window_bits=16`,
    `${AGREED}; client_max_window_bits`,
    `${AGREED}; client_max_window_bits=15`,
    'permessage-deflate; server_no_context_takeover=1',
  ]) {
    it(`refuses ${JSON.stringify(response)}`, () => {
      assert.throws(() => acceptDeflate(response), { code: 'E_WEBSOCKET_PROTOCOL', closeCode: 1010 });
    });
  }
});

function negotiate(offers: string, limits?: WindowLimits): DeflateAgreement | undefined {
  const parsed = parseExtensions(offers);
  assert.ok(parsed, offers);
  return negotiateDeflate(parsed, limits);
}

/** How often the parser looks at a character of `text`. */
function countSteps(text: string): number {
  const { charCodeAt } = String.prototype;
  let steps = 0;
  String.prototype.charCodeAt = function (index: number): number {
    steps++;
    return charCodeAt.call(this, index);
  };
  try {
    parseExtensions(text);
  } finally {
    String.prototype.charCodeAt = charCodeAt;
  }
  return steps;
}
