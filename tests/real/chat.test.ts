/** examples/chat in Chromium: two people, while code is replaced under them and while the gateway is lost. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Person } from '../../examples/chat/protocol.ts';
import { Guest } from '../examples/chat-guest.ts';
import { ChatService } from '../examples/chat-service.ts';
import { type Browser, openChromium } from './chromium.ts';
import { ensure } from './debian.ts';

const PICTURE = fileURLToPath(new URL('../../../docs/images/chat.png', import.meta.url));

let service: ChatService;
let browser: Browser;
/** What the browser has to say against the pages. */
const complaints: string[] = [];

before(async () => {
  ensure('chromium');
  service = await ChatService.start({ ROOMS: 'Hall, Kitchen, Garden, Library, Attic, Cellar' });
  browser = await openChromium();
});
after(async () => {
  await browser?.close();
  await service?.end();
});

/** Two people: a name of its own for each, so that they do not share what their browser keeps. */
async function inTwoPages(name: string, use: (ada: Page, ben: Page) => Promise<void>): Promise<void> {
  await browser.page(`${name} Ada`, (ada) =>
    browser.page(`${name} Ben`, async (ben) => {
      await enter(ada, service.page, 'Ada');
      await enter(ben, service.page.replace('127.0.0.1', 'localhost'), 'Ben');
      await use(ada, ben);
    }),
  );
  assert.deepEqual(complaints.splice(0), []);
}

async function enter(page: Page, url: string, name: string): Promise<void> {
  page.on('console', (message) => {
    if (message.type() === 'error' && !/^WebSocket connection to/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  if (await page.isVisible('#welcome')) {
    await page.fill('#name', name);
    await page.press('#name', 'Enter');
  }
  await page.waitForSelector('html[data-status=open]');
  await page.waitForSelector(`#people >> text=${name}`);
}

async function write(page: Page, text: string): Promise<void> {
  await page.fill('#text', text);
  await page.press('#text', 'Enter');
}

/** Waits until it is shown as said. */
async function sees(page: Page, text: string): Promise<void> {
  await page.waitForSelector(`.line:not(.waiting) .text:text-is(${JSON.stringify(text)})`);
}

function linesOf(page: Page): Promise<string[]> {
  return page.locator('.line:not(.waiting) .text').allInnerTexts();
}

function connectionsOf(page: Page): Promise<string | undefined> {
  return page.evaluate('document.documentElement.dataset.connections');
}

describe('examples/chat in Chromium', () => {
  it('two people talk in a room; markup is text', () =>
    inTwoPages('room', async (ada, ben) => {
      const markup = '<img src=x onerror="document.title=1"> & <script>1</script>';
      await write(ada, 'Hello Ben');
      await sees(ben, 'Hello Ben');
      await write(ben, markup);
      await sees(ada, markup);
      await ada.waitForSelector('#subtitle:text-is("2 people")');
      await ada.waitForSelector('.note:has-text("Ben came")');
      await ben.locator('#text').pressSequentially('hm');
      await ada.waitForSelector('#typing.shown:has-text("Ben is writing")');
    }));

  it('and privately', () =>
    inTwoPages('private', async (ada, ben) => {
      await ada.click('#people >> text=Ben');
      await ada.waitForSelector('#title:text-is("Ben")');
      await write(ada, 'Between you and me');
      await ben.click('#privates button:has-text("Ada"):has(.badge:text-is("1"))');
      await sees(ben, 'Between you and me');
      await write(ben, 'Of course');
      await sees(ada, 'Of course');
      await ada.click('#rooms >> text=Hall');
      assert.ok(!(await linesOf(ada)).includes('Of course'));
      await ada.keyboard.press('Shift+Tab');
      assert.equal(await ada.evaluate('document.activeElement.tagName'), 'SECTION');
    }));

  it('somebody who hurries through the rooms ends in the last one', () =>
    inTwoPages('hurry', async (ada, ben) => {
      for (const room of ['Kitchen', 'Garden', 'Library', 'Kitchen', 'Garden'])
        await ada.evaluate(`document.querySelector('[data-id="room ${room}"]').click()`);
      await ada.waitForSelector('#title:text-is("Garden")');
      await write(ada, 'Here I am');
      await ben.click('#rooms >> text=Garden');
      await sees(ben, 'Here I am');
      assert.equal(await ada.textContent('#title'), 'Garden');
      assert.equal(await ada.textContent('#rooms [aria-current] .name'), 'Garden');
    }));

  it('a reload of the service under a conversation: nothing is lost, and no page notices', () =>
    inTwoPages('reload', async (ada, ben) => {
      await ada.click('#rooms >> text=Attic');
      await ben.click('#rooms >> text=Attic');
      await ada.waitForSelector('#subtitle:text-is("2 people")');
      let isDone = false;
      const reloaded = service.reload().finally(() => {
        isDone = true;
      });
      const said: string[] = [];
      while (!isDone || said.length < 20) {
        const [page, name] = said.length % 2 === 0 ? [ada, 'Ada'] : [ben, 'Ben'];
        said.push(`${name} ${said.length}`);
        await write(page, said.at(-1) ?? '');
        await page.waitForTimeout(30);
      }
      await reloaded;
      for (const page of [ada, ben]) {
        await sees(page, said.at(-1) ?? '');
        await sees(page, said.at(-2) ?? '');
        assert.deepEqual((await linesOf(page)).sort(), [...said].sort());
        assert.equal(await connectionsOf(page), '1');
        assert.deepEqual(await page.locator('.note').allInnerTexts(), []);
      }
    }));

  it('a process dies with what it was told: the pages say it again, and it is seen once', () =>
    inTwoPages('dead process', async (ada, ben) => {
      for (const page of [ada, ben]) await page.click('#rooms >> text=Cellar');
      await ada.waitForSelector('#subtitle:text-is("2 people")');
      const said: string[] = [];
      const killed = service.kill('chat').then(() => service.kill('chat'));
      for (let number = 0; number < 20; number++) {
        const page = number % 2 === 0 ? ada : ben;
        said.push(`line ${number}`);
        await write(page, `line ${number}`);
        await page.waitForTimeout(50);
      }
      await killed;
      for (const page of [ada, ben]) {
        for (const text of said) await sees(page, text);
        assert.deepEqual((await linesOf(page)).sort(), [...said].sort());
        assert.equal(await connectionsOf(page), '1');
      }
    }));

  it('a gateway is lost: the pages come back, and what was written meanwhile arrives once', () =>
    inTwoPages('lost gateway', async (ada, ben) => {
      await ada.click('#rooms >> text=Library');
      await ben.click('#rooms >> text=Library');
      await ada.waitForSelector('#subtitle:text-is("2 people")');
      await service.kill('gateway');
      await write(ada, 'Are you there?');
      await sees(ben, 'Are you there?');
      await write(ben, 'Again, yes');
      await sees(ada, 'Again, yes');
      for (const page of [ada, ben]) {
        await page.waitForSelector('html[data-connections="2"]');
        await page.waitForSelector('#subtitle:text-is("2 people")');
        assert.equal(await connectionsOf(page), '2');
        assert.deepEqual(await linesOf(page), ['Are you there?', 'Again, yes']);
        assert.equal(await page.textContent('#connection'), '');
      }
    }));

  it('on a telephone rooms and people are behind a button, for the keyboard too', () =>
    inTwoPages('telephone', async (ada) => {
      await ada.setViewportSize({ width: 360, height: 640 });
      await ada.waitForSelector('#places[inert]', { state: 'attached' });
      assert.equal(await ada.evaluate('document.documentElement.scrollWidth'), 360);
      await ada.focus('#show-places');
      await ada.keyboard.press('Enter');
      await ada.click('#rooms >> text=Kitchen');
      await ada.waitForSelector('#title:text-is("Kitchen")');
      await ada.waitForSelector('#places[inert]', { state: 'attached' });
      await ada.click('#show-places');
      await ada.keyboard.press('Escape');
      assert.equal(await ada.evaluate('document.activeElement.id'), 'show-places');
    }));

  it('looks as in docs/images/chat.png', { timeout: 60_000 }, () =>
    inTwoPages('picture', async (ada, ben) => {
      for (const page of [ada, ben]) await page.click('#rooms >> text=Kitchen');
      await ada.setViewportSize({ width: 860, height: 700 });
      await ben.setViewportSize({ width: 320, height: 700 });
      await ben.emulateMedia({ colorScheme: 'dark' });
      const kim = await Guest.enter(service.gateway, 'Kim', 'Kitchen');
      const lin = await Guest.enter(service.gateway, 'Lin', 'Garden');
      await ada.waitForSelector('#subtitle:text-is("3 people")');
      await write(ada, 'The bread is out of the oven.');
      await sees(ben, 'The bread is out of the oven.');
      kim.say('Coming. Did the server restart just now?');
      await sees(ada, 'Coming. Did the server restart just now?');
      await write(ben, 'It was reloaded. Twice.');
      await sees(ada, 'It was reloaded. Twice.');
      kim.say('I was typing all the time and saw nothing.');
      await sees(ada, 'I was typing all the time and saw nothing.');
      await write(
        ada,
        'That is the idea: the gateway keeps the connections, only the code behind it changes.',
      );
      await ada.waitForSelector('.own:not(.waiting) >> text=That is the idea');
      await write(ben, 'And the other machine?');
      await sees(ada, 'And the other machine?');
      await write(ada, 'Same kitchen.');
      lin.tell(await idOf(ada), 'Dinner in the garden?');
      await ada.waitForSelector('#privates >> text=Lin');
      kim.send({ type: 'typing' });
      await ben.waitForSelector('#typing.shown');
      await ada.waitForSelector('#typing.shown');
      if (process.env.PICTURES === '1') await takePicture(ada, ben);
      await Promise.all([kim.leave(), lin.leave()]);
    }),
  );
});

/** Of the person, as the list of the others has it. */
async function idOf(page: Page): Promise<Person> {
  return { id: (await page.locator('#people button:disabled').getAttribute('data-id')) ?? '', name: '' };
}

/** Both side by side. */
async function takePicture(...pages: Page[]): Promise<void> {
  const pictures = await Promise.all(pages.map((page) => page.screenshot({ animations: 'disabled' })));
  const images = pictures.map((one) => `<img src="data:image/png;base64,${one.toString('base64')}">`);
  const style =
    'body { display: inline-flex; gap: 16px; margin: 8px } img { border-radius: 12px; outline: 1px solid #8886 }';
  await browser.page('picture', async (page) => {
    await page.setContent(`<style>${style}</style>${images.join('')}`);
    await page.locator('body').screenshot({ path: PICTURE, omitBackground: true });
  });
}
