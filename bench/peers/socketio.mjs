/** Socket.IO over its WebSocket transport: the event `m` is echoed, the event `b` goes to everybody. */
import { Server } from 'socket.io';
import { serve } from './listen.mjs';

const io = new Server({ transports: ['websocket'], perMessageDeflate: false, serveClient: false });

await serve((server) => io.attach(server));

io.on('connection', (socket) => {
  socket.on('m', (payload) => socket.emit('m', payload));
  socket.on('b', (payload) => io.emit('b', payload));
});
