"""Echoes every message, and prints its port: echo.py [CERTIFICATE KEY]"""
import asyncio
import ssl
import sys

import websockets


async def echo(socket, path=None):
    async for message in socket:
        await socket.send(message)


async def main(certificate=None, key=None):
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    server = await websockets.serve(
        echo, "127.0.0.1", 0, ssl=context, subprotocols=["chat"], compression="deflate", max_size=2**22
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()


asyncio.run(main(*sys.argv[1:]))
