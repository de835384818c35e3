import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseApache } from '../../../src/front/explain/apache-parser.ts';

const one = (text: string) => parseApache(text).directives[0];

describe('parseApache', () => {
  it('reads directives, sections and lines; case means nothing', () => {
    const { directives } = parseApache(
      'ServerNAME a\r\n\n<virtualHOST *:443>\n  SSLEngine On\n</VirtualHost>\n',
    );
    assert.deepEqual(directives, [
      { name: 'servername', written: 'ServerNAME', words: ['a'], line: 1 },
      {
        name: 'virtualhost',
        written: '<virtualHOST>',
        words: ['*:443'],
        line: 3,
        block: [{ name: 'sslengine', written: 'SSLEngine', words: ['On'], line: 4 }],
      },
    ]);
  });

  it('joins continued lines and keeps the line of the first', () => {
    const { directives } = parseApache('ProxyPass /a \\\n  http://b/ \\\n  timeout=5\nTimeout 3');
    assert.deepEqual(directives[0]?.words, ['/a', 'http://b/', 'timeout=5']);
    assert.deepEqual(
      directives.map(({ line }) => line),
      [1, 4],
    );
  });

  it('continues comments too, and takes them only at the beginning of a line', () => {
    assert.deepEqual(parseApache('# a \\\nProxyRequests On\n').directives, []);
    assert.deepEqual(one('  # a')?.words, undefined);
    assert.deepEqual(one('a b # c')?.words, ['b', '#', 'c']);
  });

  it('reads quotes', () => {
    assert.deepEqual(one(String.raw`a "b \"c\"" 'd e' "f\g" h"i "j`)?.words, [
      'b "c"',
      'd e',
      'f\\g',
      'h"i',
      'j',
    ]);
    assert.deepEqual(one('<Location "/a b">\n</Location>')?.words, ['/a b']);
  });

  it('names a section that is not closed, or by another name', () => {
    assert.deepEqual(parseApache('\n<VirtualHost *>\na\n').problem, {
      line: 2,
      message: '<VirtualHost> is not closed',
    });
    assert.match(
      parseApache('<A>\n</B>').problem?.message ?? '',
      /<\/b> stands where the end of <A> of line 1 is due/,
    );
    assert.match(parseApache('</A>').problem?.message ?? '', /closes nothing/);
    assert.match(parseApache('<A').problem?.message ?? '', /lacks its ">"/);
    assert.match(parseApache('<A>\n'.repeat(60)).problem?.message ?? '', /deeper than 50/);
  });
});
