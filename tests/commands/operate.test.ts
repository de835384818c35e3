/** The commands that ask a running service, as a person types them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { after, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import type { ConnectionStatus, ServiceStatus } from '../../src/master/service-status.ts';
import { type Ended, Project } from '../master/launch/project.ts';

const SERVER = `
import { Worker } from 'usta';
const chat = new Worker('websocket://127.0.0.1:0', { name: 'chat', count: 2, drainTimeout: 1, closeTimeout: 1, gracefulTimeout: 1 });
chat.onMessage = (connection, message) => connection.send(String(process.pid));
const page = new Worker('http://127.0.0.1:0', { name: 'page', drainTimeout: 1, closeTimeout: 1 });
page.onMessage = (connection) => connection.send('hello');
Worker.metrics = '127.0.0.1:0';
Worker.pidFile = 'server.pid';
Worker.onMasterStop = () => console.log('the master stops');
Worker.runAll();
`;

const projects: Project[] = [];
after(() => Promise.all(projects.map((project) => project.end())));

/** A service in the background. */
async function serving(text: string = SERVER): Promise<Project> {
  const project = new Project({ 'server.js': text });
  projects.push(project);
  const { code, complaints } = await project.usta('start', 'server.js', '-d');
  assert.equal(code, 0, complaints);
  return project;
}

async function status(project: Project): Promise<ServiceStatus> {
  const { code, printed, complaints } = await project.usta('status', 'server.js', '--json');
  assert.equal(code, 0, complaints);
  return JSON.parse(printed);
}

async function enter(project: Project): Promise<WebSocket> {
  const { workers } = await status(project);
  const listen = workers.find(({ name }) => name === 'chat')?.listen ?? '';
  const socket = new WebSocket(listen.replace('websocket:', 'ws:'));
  await once(socket, 'open');
  return socket;
}

function failed({ code, complaints }: Ended, pattern: RegExp): void {
  assert.notEqual(code, 0);
  assert.match(complaints, pattern);
  assert.equal(complaints.trim().split('\n').length, 1, complaints);
}

describe('usta status, connections, reload, scale, stop', { timeout: 180_000 }, () => {
  it('status tells the service and its processes, as a screen and as JSON of version 1', async () => {
    const project = await serving();
    const socket = await enter(project);
    socket.send('x');
    await once(socket, 'message');
    const seen = await status(project);
    assert.deepEqual([seen.version, seen.state, seen.daemon, seen.generation], [1, 'serving', true, 0]);
    assert.deepEqual(
      seen.workers.map(({ name, count }) => [name, count]),
      [
        ['chat', 2],
        ['page', 1],
      ],
    );
    assert.deepEqual(
      seen.processes.map(({ worker, id, state }) => [worker, id, state]),
      [
        ['chat', 0, 'idle'],
        ['chat', 1, 'idle'],
        ['page', 0, 'idle'],
      ],
    );
    const sum = (of: (report: NonNullable<(typeof seen.processes)[number]['report']>) => number): number =>
      seen.processes.reduce((total, { report }) => total + (report ? of(report) : 0), 0);
    assert.equal(
      sum(({ connections }) => connections),
      1,
    );
    assert.equal(
      sum(({ messagesReceived }) => messagesReceived),
      2,
    );
    const screen = (await project.usta('status', 'server.js')).printed;
    for (const title of ['GLOBAL STATUS', 'PROCESS STATUS', 'total_request', 'Summary', 'loop_lag'])
      assert.ok(screen.includes(title));
    assert.ok((await project.usta('status')).printed.includes(project.path('server.js')));
    socket.terminate();
    await project.usta('stop', 'server.js');
  });

  it('connections lists them, of one worker when it is asked for', async () => {
    const project = await serving();
    const socket = await enter(project);
    const { printed } = await project.usta('connections', 'server.js', '--json');
    const [one, ...others] = JSON.parse(printed) as ConnectionStatus[];
    assert.deepEqual(others, []);
    assert.deepEqual(
      [one?.worker, one?.transport, one?.protocol, one?.status],
      ['chat', 'tcp', 'websocket', 'established'],
    );
    assert.match(
      (await project.usta('connections', 'server.js')).printed,
      /Foreign Address[\s\S]*ESTABLISHED/,
    );
    assert.match(
      (await project.usta('connections', 'server.js', '--worker', 'page')).printed,
      /^0 connections$/m,
    );
    failed(
      await project.usta('connections', 'server.js', '--worker', 'pgae'),
      /no worker "pgae"; did you mean page\?/,
    );
    socket.terminate();
    await project.usta('stop', 'server.js');
  });

  it('reload replaces all processes, or those of one worker, and tells WebSockets 1012', async () => {
    const project = await serving();
    const socket = await enter(project);
    const before = await status(project);
    const closed = once(socket, 'close');
    assert.deepEqual(
      await project.usta('reload', 'server.js').then(({ code, printed }) => [code, printed.trim()]),
      [0, 'server.js is reloaded'],
    );
    assert.equal((await closed)[0], 1012);
    const between = await status(project);
    const pids = ({ processes }: ServiceStatus, name: string): number[] =>
      processes.filter(({ worker }) => worker === name).map(({ pid }) => pid);
    for (const name of ['chat', 'page'])
      assert.ok(!pids(between, name).some((pid) => pids(before, name).includes(pid)));
    assert.equal((await project.usta('reload', 'server.js', '--worker', 'page')).code, 0);
    const last = await status(project);
    assert.deepEqual(pids(last, 'chat'), pids(between, 'chat'));
    assert.notDeepEqual(pids(last, 'page'), pids(between, 'page'));
    await project.usta('stop', 'server.js');
  });

  it('reload of a script that no longer starts keeps the old processes and exits non-zero with the error', async () => {
    const project = await serving();
    const before = await status(project);
    project.write('server.js', `throw new Error('a mistake');`);
    failed(await project.usta('reload', 'server.js'), /worker chat: .*the old processes serve on/);
    assert.deepEqual(
      (await status(project)).processes.map(({ pid }) => pid),
      before.processes.map(({ pid }) => pid),
    );
    await project.usta('stop', 'server.js');
  });

  it('reload -g and stop -g with a client that never leaves end at their deadline', async () => {
    const project = await serving();
    const reloaded = once(await enter(project), 'close');
    assert.equal((await project.usta('reload', 'server.js', '-g')).code, 0);
    assert.equal((await reloaded)[0], 1012);
    const stopped = once(await enter(project), 'close');
    const begun = performance.now();
    assert.equal((await project.usta('stop', 'server.js', '-g')).code, 0);
    assert.equal((await stopped)[0], 1001);
    assert.ok(performance.now() - begun < 6_000);
  });

  it('scale adds processes and takes them away', async () => {
    const project = await serving();
    const count = async (): Promise<number> =>
      (await status(project)).processes.filter(({ worker }) => worker === 'chat').length;
    assert.match(
      (await project.usta('scale', 'server.js', 'chat=4')).printed,
      /worker chat of server\.js: 4 processes/,
    );
    assert.equal(await count(), 4);
    await project.usta('scale', 'server.js', 'chat=1');
    assert.equal(await count(), 1);
    failed(await project.usta('scale', 'server.js', 'chat=none'), /"chat=none" is no NAME=COUNT/);
    await project.usta('stop', 'server.js');
  });

  it('stop ends all, or one worker; then nothing runs and nothing is left', async () => {
    const project = await serving();
    assert.match(project.read('server.pid'), /^\d+\n\S+\n$/);
    const page = (await status(project)).workers.find(({ name }) => name === 'page')?.listen ?? '';
    assert.equal(await (await fetch(page)).text(), 'hello');
    assert.equal((await project.usta('stop', 'server.js', '--worker', 'page')).code, 0);
    assert.deepEqual(
      new Set((await status(project)).processes.map(({ worker }) => worker)),
      new Set(['chat']),
    );
    await assert.rejects(fetch(page), 'its port is closed');
    assert.equal((await project.usta('scale', 'server.js', 'page=1')).code, 0);
    const { code, printed } = await project.usta('stop', 'server.js');
    assert.deepEqual([code, printed.trim()], [0, 'server.js has stopped']);
    assert.throws(() => project.read('server.pid'), { code: 'ENOENT' });
    for (const command of ['status', 'stop', 'reload', 'connections'])
      failed(await project.usta(command, 'server.js'), /^usta: server\.js is not running$/m);
  });

  it('a second start is refused, and says who runs', async () => {
    const project = await serving();
    const { pid } = await status(project);
    failed(
      await project.usta('start', 'server.js', '-d'),
      new RegExp(`server\\.js is running already \\(pid ${pid}\\)`),
    );
    await project.usta('stop', 'server.js');
  });

  it("the same words follow the script's own name", async () => {
    const project = new Project({ 'server.js': SERVER });
    projects.push(project);
    const started = await project.node(['server.js', 'start', '-d']).ended;
    assert.equal(started.code, 0, started.complaints);
    assert.match((await project.node(['server.js', 'status']).ended).printed, /PROCESS STATUS/);
    assert.equal((await project.node(['server.js', 'reload']).ended).code, 0);
    assert.equal((await project.node(['server.js', 'stop']).ended).code, 0);
    failed(await project.node(['server.js', 'status']).ended, /is not running/);
  });

  it('an unknown command or option names the nearest one', async () => {
    const project = new Project({ 'server.js': SERVER });
    projects.push(project);
    failed(await project.usta('stauts', 'server.js'), /did you mean usta status\?/);
    failed(await project.usta('stop', 'server.js', '--gracefull'), /did you mean --graceful\?/);
    failed(await project.usta('reload'), /usage: usta reload SCRIPT/);
  });

  it('a script with an interval and a client of its own: status and stop end within a second of their answer', async () => {
    const project = await serving(`setInterval(() => {}, 1000);\n${SERVER}`);
    for (const word of ['status', 'stop']) {
      const begun = performance.now();
      assert.equal((await project.node(['server.js', word]).ended).code, 0);
      assert.ok(performance.now() - begun < 4_000, `${word} took ${performance.now() - begun} ms`);
    }
  });
});

describe('metrics and health', { timeout: 60_000 }, () => {
  it('add up to what the clients have counted, over all processes', async () => {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const project = await serving(
      SERVER.replace("127.0.0.1:0';\nWorker.pidFile", `127.0.0.1:${port}';\nWorker.pidFile`),
    );
    const sockets = await Promise.all([enter(project), enter(project), enter(project)]);
    let answers = 0;
    for (const socket of sockets) {
      socket.on('message', () => answers++);
      for (let count = 0; count < 10; count++) socket.send('x');
    }
    while (answers < 30) await Promise.race(sockets.map((socket) => once(socket, 'message')));
    const text = await fetched(port, '/metrics');
    assert.match(text, /^usta_connections\{worker="chat"\} 3$/m);
    assert.match(text, /^usta_messages_sent_total\{worker="chat"\} 30$/m);
    assert.equal(JSON.parse(await fetched(port, '/healthz')).status, 'ok');
    for (const socket of sockets) socket.terminate();
    await project.usta('stop', 'server.js');
  });
});

async function fetched(port: number, path: string): Promise<string> {
  const [answer] = await once(get({ host: '127.0.0.1', port, path }), 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return text;
}
