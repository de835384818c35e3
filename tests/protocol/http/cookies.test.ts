import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCookies } from '../../../src/protocol/http/cookies.ts';
import { Response } from '../../../src/protocol/http/response.ts';
import { type CookieOptions, setCookie } from '../../../src/protocol/http/set-cookie.ts';

describe('readCookies — RFC 6265 §4.2, §5.4', () => {
  it('has names and values as they were sent', () => {
    const cookies = readCookies(['a=1; b=%C3%A9;c="x y";  d = e=f ', 'g=']);
    assert.deepEqual(
      [...cookies],
      [
        ['a', '1'],
        ['b', '%C3%A9'],
        ['c', '"x y"'],
        ['d', 'e=f'],
        ['g', ''],
      ],
    );
  });

  it('takes the first of a name, and nothing that has none', () => {
    assert.deepEqual([...readCookies(['a=1; a=2; =3; 4; ;', 'a=5'])], [['a', '1']]);
    assert.deepEqual([...readCookies([])], []);
  });

  it('knows no name but those that came', () => {
    assert.equal(readCookies(['__proto__=1']).get('toString'), undefined);
    assert.equal(readCookies(['__proto__=1']).get('__proto__'), '1');
  });
});

describe('setCookie — RFC 6265 §4.1', () => {
  it('writes what it was told, and safe attributes where it was told nothing', () => {
    assert.equal(setCookie('a', '1'), 'a=1; Path=/; HttpOnly; SameSite=Lax');
    const all: CookieOptions = {
      maxAge: 60,
      expires: new Date(0),
      path: '/b',
      domain: 'example.com',
      secure: true,
      httpOnly: false,
      sameSite: 'None',
      partitioned: true,
    };
    assert.equal(
      setCookie('__Secure-a', '"1"', all),
      '__Secure-a="1"; Path=/b; Domain=example.com; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; SameSite=None; Partitioned',
    );
  });

  for (const [name, value, options, why] of [
    ['a b', '', {}, /is not a name/],
    ['', '', {}, /is not a name/],
    ['a', 'b c', {}, /encodeURIComponent/],
    ['a', 'b;c', {}, /encodeURIComponent/],
    ['a', 'é', {}, /encodeURIComponent/],
    ['a', 'b\r\nc', {}, /encodeURIComponent/],
    ['a', 'x'.repeat(4096), {}, /4096 bytes/],
    ['a', '1', { maxAge: 1.5 }, /whole seconds/],
    ['a', '1', { expires: new Date(Number.NaN) }, /not a date/],
    ['a', '1', { path: 'b' }, /path begins with/],
    ['a', '1', { path: '/;b' }, /path begins with/],
    ['a', '1', { domain: 'a;b' }, /host name/],
    ['a', '1', { sameSite: 'lax' as 'Lax' }, /sameSite is/],
    ['a', '1', { sameSite: 'None' }, /needs secure/],
    ['a', '1', { partitioned: true }, /needs secure/],
    ['__Secure-a', '1', {}, /needs secure/],
    ['__host-a', '1', {}, /needs secure/],
    ['__Host-a', '1', { secure: true, path: '/b' }, /path \//],
    ['__Host-a', '1', { secure: true, domain: 'b' }, /no domain/],
    ['a', '1', { maxage: 1 } as CookieOptions, /maxAge was meant/],
  ] as const) {
    it(`refuses ${name}=${value.slice(0, 9)} ${JSON.stringify(options)}`, () => {
      assert.throws(() => setCookie(name, value, options), { code: 'E_COOKIE', message: why });
    });
  }
});

describe('Response.cookie', () => {
  const lines = (response: Response): string[] => {
    const seen = response.header('set-cookie') ?? '';
    return seen.split(', ').map((line) => line.split('; ').slice(0, 3).join(';'));
  };

  it('keeps several apart, and the last of the same name, path and domain', () => {
    const response = new Response().cookie('a', '1').cookie('b', '2').cookie('a', '3', { path: '/x' });
    assert.deepEqual(lines(response.cookie('a', '4')), [
      'b=2;Path=/;HttpOnly',
      'a=3;Path=/x;HttpOnly',
      'a=4;Path=/;HttpOnly',
    ]);
    assert.deepEqual(lines(response.cookie('A', '5')).length, 4);
  });

  it('tells the browser to forget one', () => {
    assert.deepEqual(lines(new Response().clearCookie('a', { path: '/b' })), ['a=;Path=/b;Max-Age=0']);
  });
});
