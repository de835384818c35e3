import { type Accepted, accepted, chunked, get, H, POISON, post } from './corpus-row.ts';

const END = '0\r\n\r\n';
const GET = `GET / HTTP/1.1\r\n${H}\r\n`;

/** What is strange and valid, or invalid and harmless: strictness is not refusing everything. */
export const ODD: readonly Accepted[] = [
  ...accepted('RFC 9112 §2.2: one empty line before a request line is passed over', {
    'an empty line first': [`\r\n${GET}`, 'GET / '],
    'an empty line behind a body, as old browsers send': [
      `${post('Content-Length: 5\r\n', 'hello')}\r\n${GET}`,
      'POST / hello',
      'GET / ',
    ],
    'an empty line behind a chunked body': [`${chunked(END)}\r\n${GET}`, 'POST / ', 'GET / '],
  }),
  ...accepted('RFC 9110 §2.5: a later minor version is read as 1.1', {
    'HTTP/1.2': [`GET / HTTP/1.2\r\n${H}\r\n${GET}`, 'GET / ', 'GET / '],
    'HTTP/1.9 with chunks': [
      `POST / HTTP/1.9\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n${END}`,
      'POST / a',
    ],
  }),
  ...accepted('RFC 9112 §9.3: HTTP/1.0 ends after one answer, unless it asks to go on', {
    'HTTP/1.0 without Host': ['GET / HTTP/1.0\r\n\r\n', 'GET / '],
    'HTTP/1.0, and a poison': [`GET / HTTP/1.0\r\n\r\n${POISON}`, 'GET / '],
    'HTTP/1.0 with a body': ['POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello', 'POST / hello'],
    'HTTP/1.0, kept alive': [`GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n${GET}`, 'GET / ', 'GET / '],
    'HTTP/1.0 with an expectation, which it does not know': ['GET / HTTP/1.0\r\nExpect: x\r\n\r\n', 'GET / '],
  }),
  ...accepted('RFC 9112 §9.6: nothing is read behind Connection: close', {
    'close, and a poison': [get('Connection: close\r\n') + POISON, 'GET / '],
    'close in a list, in another case': [get('Connection: x, CLOSE\r\n') + POISON, 'GET / '],
    'close in the second of two lines': [get('Connection: x\r\nConnection: close\r\n') + POISON, 'GET / '],
    'close beats keep-alive': [get('Connection: keep-alive, close\r\n') + POISON, 'GET / '],
    'close with a body': [
      post('Connection: close\r\nContent-Length: 5\r\n', `hello${POISON}`),
      'POST / hello',
    ],
  }),
  ...accepted('RFC 9110 §9.1: any token is a method, its case kept', {
    'a method in lower case': [`get / HTTP/1.1\r\n${H}\r\n`, 'get / '],
    'a method of WebDAV': [`PROPFIND / HTTP/1.1\r\n${H}\r\n`, 'PROPFIND / '],
    'a method of every sign that a token has': [
      `!#$%&'*+-.^_\`|~ / HTTP/1.1\r\n${H}\r\n`,
      "!#$%&'*+-.^_`|~ / ",
    ],
    'HEAD, and a request behind it': [`HEAD / HTTP/1.1\r\n${H}\r\n${GET}`, 'HEAD / ', 'GET / '],
    'PRI of HTTP/1.1': [`PRI / HTTP/1.1\r\n${H}\r\n`, 'PRI / '],
  }),
  ...accepted('RFC 9112 §3.2: the forms of a target', {
    'asterisk-form': [`OPTIONS * HTTP/1.1\r\n${H}\r\n`, 'OPTIONS * '],
    'absolute-form, for another host than Host': [get('', 'http://b:81/c?d'), 'GET http://b:81/c?d '],
    'absolute-form in upper case': [get('', 'HTTP://b/'), 'GET HTTP://b/ '],
    'absolute-form without a path': [get('', 'https://b?c'), 'GET https://b?c '],
    'two slashes': [get('', '//b/c'), 'GET //b/c '],
    'dots, which are not resolved': [get('', '/a/../../b'), 'GET /a/../../b '],
    'escapes, which are not resolved': [get('', '/%2e%2e%2f%00%0d%0a'), 'GET /%2e%2e%2f%00%0d%0a '],
    'a URL inside a path': [get('', '/http://b/'), 'GET /http://b/ '],
    'several question marks': [get('', '/?a?b??'), 'GET /?a?b?? '],
    'a target as long as may be': [get('', `/${'a'.repeat(8177)}`), `GET /${'a'.repeat(8177)} `],
  }),
  ...accepted('RFC 3986 §2 forbids these in a URI; browsers send them, and so they are taken', {
    'brackets and braces': [get('', '/?a[b]={c}'), 'GET /?a[b]={c} '],
    'a backslash, a caret, a backtick, a bar': [get('', '/\\^`|'), 'GET /\\^`| '],
    'a percent sign that escapes nothing': [get('', '/100%'), 'GET /100% '],
  }),
  ...accepted('RFC 3986 §3.2.2: what a host may be', {
    'an IPv6 address': ['GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n', 'GET / '],
    'an IPv6 address with IPv4 in it': ['GET / HTTP/1.1\r\nHost: [::ffff:192.0.2.1]\r\n\r\n', 'GET / '],
    'an IPv6 address of eight groups': ['GET / HTTP/1.1\r\nHost: [1:2:3:4:5:6:7:8]\r\n\r\n', 'GET / '],
    'an empty port': ['GET / HTTP/1.1\r\nHost: a:\r\n\r\n', 'GET / '],
    'an underscore, an escape, a comma without a space': [
      'GET / HTTP/1.1\r\nHost: a_b%20,c\r\n\r\n',
      'GET / ',
    ],
    'a dot at the end': ['GET / HTTP/1.1\r\nHost: example.com.\r\n\r\n', 'GET / '],
    'a host in upper case': ['GET / HTTP/1.1\r\nHOST:EXAMPLE.COM\r\n\r\n', 'GET / '],
  }),
  ...accepted('RFC 9110 §5.5: whitespace around a value, bytes beyond ASCII in it, nothing in it', {
    'no space behind the colon': ['GET / HTTP/1.1\r\nHost:a\r\n\r\n', 'GET / '],
    'tabs and spaces around a value': ['GET / HTTP/1.1\r\nHost:\t a \t\r\n\r\n', 'GET / '],
    'UTF-8 in a value': [get('X: \xc3\xa9\r\n'), 'GET / '],
    'an empty value': [get('X:\r\nY: \r\n'), 'GET / '],
    'colons in a value': [get('X::a:b:\r\n'), 'GET / '],
    'a name of signs': [get("!#$%&'*+-.^_`|~: x\r\n"), 'GET / '],
    'a hundred fields': [get('X: y\r\n'.repeat(99)), 'GET / '],
    'a cookie of odd characters (RFC 6265 §5.2)': [get('Cookie: a="b, c"; d; =e;;\r\n'), 'GET / '],
  }),
  ...accepted('RFC 9112 §6.2: a body by its length, whatever it looks like', {
    'a poison inside a body': [
      post(`Content-Length: ${POISON.length}\r\n`, POISON + GET),
      `POST / ${POISON}`,
      'GET / ',
    ],
    'a poison inside the body of a GET': [
      get(`Content-Length: ${POISON.length}\r\n`) + POISON + GET,
      `GET / ${POISON}`,
      'GET / ',
    ],
    'a body on HEAD': [`HEAD / HTTP/1.1\r\n${H}Content-Length: 1\r\n\r\na${GET}`, 'HEAD / a', 'GET / '],
    'chunks inside a body by its length': [
      post('Content-Length: 5\r\n', END + GET),
      `POST / ${END}`,
      'GET / ',
    ],
    'a body without a length, which is read as the next method': [
      post('', `hello${GET}`),
      'POST / ',
      'helloGET / ',
    ],
    'Content-Length: 0': [post('Content-Length: 0\r\n', GET), 'POST / ', 'GET / '],
    'Content-Length with many zeros first': [
      post(`Content-Length: ${'0'.repeat(40)}5\r\n`, `hello${GET}`),
      'POST / hello',
      'GET / ',
    ],
    'Content-Length with whitespace around it': [
      post('Content-Length: \t5 \t\r\n', `hello${GET}`),
      'POST / hello',
      'GET / ',
    ],
    'every byte there is': [
      post('Content-Length: 256\r\n', String.fromCharCode(...Array(256).keys()) + GET),
      `POST / ${String.fromCharCode(...Array(256).keys())}`,
      'GET / ',
    ],
  }),
  ...accepted('RFC 9112 §7.1: chunks', {
    'a poison inside a chunk': [
      chunked(`${POISON.length.toString(16)}\r\n${POISON}\r\n${END}${GET}`),
      `POST / ${POISON}`,
      'GET / ',
    ],
    'chunks of one byte': [chunked(`1\r\na\r\n1\r\nb\r\n${END}${GET}`), 'POST / ab', 'GET / '],
    'sizes with zeros first, in both cases': [
      chunked(`0A\r\n0123456789\r\n00a\r\n0123456789\r\n000\r\n\r\n${GET}`),
      'POST / 01234567890123456789',
      'GET / ',
    ],
    'a coding in upper case behind a tab': [
      post('TRANSFER-ENCODING:\tCHUNKED \r\n', END + GET),
      'POST / ',
      'GET / ',
    ],
    'chunks on a GET': [
      `${get('Transfer-Encoding: chunked\r\n')}1\r\na\r\n${END}${GET}`,
      'GET / a',
      'GET / ',
    ],
    'data that looks like the end': [chunked(`5\r\n${END}\r\n${END}${GET}`), `POST / ${END}`, 'GET / '],
    'extensions, which are read over (RFC 9112 §7.1.1)': [
      chunked(`1;a=b;c="d;e"\r\na\r\n1 ; f\t;g\r\nb\r\n0;last\r\n\r\n${GET}`),
      'POST / ab',
      'GET / ',
    ],
    'extensions that are no tokens; what is read over is not judged': [
      chunked(`1;;="\xe9\r\na\r\n${END}${GET}`),
      'POST / a',
      'GET / ',
    ],
  }),
  ...accepted('RFC 9110 §6.5.1: trailers that decide nothing any more are dropped', {
    'Content-Length and Transfer-Encoding in trailers': [
      chunked(`0\r\nContent-Length: 30\r\nTransfer-Encoding: x\r\n\r\n${GET}`),
      'POST / ',
      'GET / ',
    ],
    'Host and Connection: close in trailers': [
      chunked(`0\r\nHost: evil\r\nConnection: close\r\n\r\n${GET}`),
      'POST / ',
      'GET / ',
    ],
  }),
  ...accepted('RFC 9110 §7.6.1: this is the origin: what Connection names is not taken away', {
    'Connection names Content-Length': [
      post('Connection: Content-Length\r\nContent-Length: 5\r\n', `hello${GET}`),
      'POST / hello',
      'GET / ',
    ],
    'Connection names Transfer-Encoding': [
      post('Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n', END + GET),
      'POST / ',
      'GET / ',
    ],
    'Connection names Host': [get('Connection: Host, Authorization\r\n') + GET, 'GET / ', 'GET / '],
  }),
  ...accepted('RFC 9110 §7.8: an upgrade that is not offered is passed over', {
    'an upgrade to h2c (2020: h2c smuggling)': [
      get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n') + GET,
      'GET / ',
      'GET / ',
    ],
    'an upgrade to TLS (RFC 2817)': [
      get('Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n') + GET,
      'GET / ',
      'GET / ',
    ],
    'Upgrade that Connection does not name': [get('Upgrade: websocket\r\n') + GET, 'GET / ', 'GET / '],
  }),
  ...accepted('RFC 9110 §10.1.1: 100-continue, in any case', {
    'an expectation, and the body at once': [
      post('Expect: 100-Continue\r\nContent-Length: 5\r\n', `hello${GET}`),
      'POST / hello',
      'GET / ',
    ],
    'an expectation without a body': [get('Expect: 100-continue\r\n') + GET, 'GET / ', 'GET / '],
    'an expectation before chunks': [
      post('Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n', END + GET),
      'POST / ',
      'GET / ',
    ],
  }),
  ...accepted('RFC 9112 §6: fields that look like framing and are not', {
    TE: [get('TE: chunked, trailers\r\nConnection: TE\r\n') + GET, 'GET / ', 'GET / '],
    'Content_Length and Transfer_Encoding': [
      post('Content_Length: 5\r\nTransfer_Encoding: chunked\r\n', GET),
      'POST / ',
      'GET / ',
    ],
    'Content-Length in a value': [get('X: y, Content-Length: 5\r\n') + GET, 'GET / ', 'GET / '],
    'Content-Encoding and Keep-Alive': [
      get('Content-Encoding: chunked\r\nKeep-Alive: 5\r\n') + GET,
      'GET / ',
      'GET / ',
    ],
    'X-HTTP-Method-Override, X-Original-URL, X-Forwarded-Host': [
      get('X-HTTP-Method-Override: PUT\r\nX-Original-URL: /admin\r\nX-Forwarded-Host: b\r\n'),
      'GET / ',
    ],
  }),
  ...accepted('RFC 9112 §9.3.2: pipelining', {
    'a hundred requests': [GET.repeat(100), ...Array<string>(100).fill('GET / ')],
    'every kind of body in one stream': [
      GET + post('Content-Length: 1\r\n', 'a') + chunked(`1\r\nb\r\n${END}`) + GET,
      'GET / ',
      'POST / a',
      'POST / b',
      'GET / ',
    ],
  }),
];
