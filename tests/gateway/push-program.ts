/** A program that is no worker: says to everybody what it is told, leaves, and is expected to end by itself. */
import process from 'node:process';

const begun = performance.now();
const { connect } = await import('../../src/push.ts');
console.log(`imported in ${Math.round(performance.now() - begun)} ms`);
const push = await connect({ cluster: process.env.CLUSTER ?? '' });
push.sendToUid('7', 'from outside');
console.log(`closed ${await push.close()}`);
process.on('exit', () => console.log('ended'));
