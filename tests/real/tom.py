"""Sends "tom" and prints the answer: tom.py URL [CA-FILE]"""
import asyncio
import ssl
import sys

import websockets


async def main(url, ca=None):
    context = ssl.create_default_context(cafile=ca) if url.startswith("wss:") else None
    async with websockets.connect(url, ssl=context) as socket:
        await socket.send("tom")
        print(await asyncio.wait_for(socket.recv(), 5))
    print(socket.close_code)


asyncio.run(main(*sys.argv[1:]))
