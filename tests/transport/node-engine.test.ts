import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Address } from '../../src/transport/address.ts';
import { makeNodeEngine, nodeEngine } from '../../src/transport/node-engine.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import { examine } from './engine-suite.ts';

const { cert, key } = await testCertificate();
const room = mkdtempSync(join(tmpdir(), 'usta-'));
let paths = 0;
after(() => rmSync(room, { recursive: true }));

const loopback = (): Address => ({ kind: 'ip', host: '127.0.0.1', port: 0 });
const path = (): Address => ({ kind: 'unix', path: join(room, `${paths++}.sock`) });
const tls = { listen: { tls: { cert, key } }, connect: { tls: { ca: cert } } };
const tls12 = { listen: tls.listen, connect: { tls: { ca: cert, maxVersion: 'TLSv1.2' } } } as const;
const plain = { listen: {}, connect: {} };

examine({ name: 'node, TCP', engine: nodeEngine, place: loopback, ...plain });
examine({ name: 'node, TCP by events', engine: makeNodeEngine({ adopt: false }), place: loopback, ...plain });
examine({ name: 'node, TLS 1.3', engine: nodeEngine, place: loopback, ...tls });
examine({ name: 'node, TLS 1.2', engine: nodeEngine, place: loopback, ...tls12 });
examine({ name: 'node, unix', engine: nodeEngine, place: path, ...plain });
examine({ name: 'node, unix by events', engine: makeNodeEngine({ adopt: false }), place: path, ...plain });
