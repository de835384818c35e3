/** Ten reloads of business processes under load. */
import process from 'node:process';

process.env.USTA_TEST_RELOADS = '10';
await import('../gateway/reload.test.ts');
