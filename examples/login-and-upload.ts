/** A login, a session and an upload, by two processes: `PORT=8080 FILES=files node dist/examples/login-and-upload.js`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Response, Sessions, Worker } from 'usta';

const { PORT = '8080', FILES = 'files' } = process.env;
const LOGIN = '<form method=post action=/login><input name=name required><button>Log in</button></form>';
const UPLOAD =
  '<form method=post action=/upload enctype=multipart/form-data><input name=file type=file><button>Send</button></form>';

const sessions = new Sessions<{ name: string; sent: string[] }>();
const worker = new Worker(`http://0.0.0.0:${PORT}`, { name: 'uploads', count: 2 });
worker.onWorkerStart = () => mkdir(FILES, { recursive: true });
worker.onMessage = async (connection, request) => {
  const session = await sessions.of(request);
  const [name, sent = []] = [session.get('name'), session.get('sent')];
  if (request.method === 'GET') {
    const page = name === undefined ? LOGIN : `<p>${plain(name)}: ${plain(sent.join(', '))}</p>${UPLOAD}`;
    return connection.send(page);
  }
  if (request.path === '/login') {
    session.regenerate(); // an id from before the login is worth nothing
    session.set('name', request.post('name') ?? '');
  } else if (name !== undefined) {
    const file = (await request.multipart({ maxFileSize: 5_000_000 })).file('file');
    await file?.moveTo(join(FILES, file.safeName));
    if (file) session.set('sent', [...sent, file.safeName]);
  }
  return connection.send(new Response(303, { Location: '/' }));
};

/** What somebody has sent is text in a page, and nothing else. */
function plain(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

Worker.runAll();
