// The console in Debian's Chromium against the admin server: node console_test.mjs SERVER_PROGRAM
// With SCREENSHOTS=FOLDER it leaves pictures there.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {chromium} from 'playwright-core';

const program = process.argv[2];
if (!program) {
  console.error('usage: node console_test.mjs SERVER_PROGRAM');
  process.exit(2);
}

const kTimeoutMs = 15000;
const kChromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const kMarkup = '<img src=x onerror="window.hacked=1">';

/** The server over its tables; tell() changes them and returns when they are changed. */
async function startServer() {
  const child = spawn(program, {stdio: ['pipe', 'pipe', 'inherit']});
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const url = (await lines.next()).value;
  const tell = async (line) => {
    child.stdin.write(`${line}\n`);
    assert.equal((await lines.next()).value, 'ok');
  };
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', resolve);
      child.stdin.end();
    });
  return {url, tell, stop};
}

async function signIn(page, url, user) {
  await page.goto(url);
  await page.getByLabel('Access token').fill(`${user}-token-0123456789`);
  await page.keyboard.press('Enter');
  await page.locator('.live', {hasText: 'Live'}).waitFor();
}

const panel = (page, name) => page.getByRole('region', {name, exact: true});
const row = (page, name, text) => panel(page, name).locator('tbody tr', {hasText: text});

const tests = {
  async 'a wrong token is refused and forgotten'(page, server) {
    await page.goto(server.url);
    await page.getByLabel('Access token').fill('wrong');
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.getByRole('alert').getByText('the token is unknown').waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  },

  async 'rows are shown, and why a session is down'(page, server) {
    await signIn(page, server.url, 'viewer');
    await row(page, 'Sessions', 'southbank').getByText('connection refused').waitFor();
    await row(page, 'Orders', 'LDN1-1-1').getByText('400,000').waitFor();
    await row(page, 'Executions', 'LDN1-1-1').getByText('1.09985').waitFor();
    await row(page, 'Exposures', 'ALPHA-1').getByText('+5,000,000').waitFor();
    await page.getByLabel('Notices').getByText('LDN1-1-9 is UNKNOWN').waitFor();
  },

  async 'where the time goes is shown, of the last seconds'(page, server) {
    await server.tell('decide 1000 0');
    await signIn(page, server.url, 'viewer');
    const stages = panel(page, 'Latency');
    await stages.getByText('journal').waitFor();
    await stages.locator('div', {hasText: 'decide'}).last().getByText('–').waitFor(); // what was before is not now
    await server.tell('decide 50 50');
    await stages.getByText('4.0 µs / 990 µs').waitFor();
  },

  async 'changes arrive while one watches'(page, server) {
    await signIn(page, server.url, 'viewer');
    await row(page, 'Orders', 'LDN1-1-1').waitFor();
    await server.tell('order LDN1-1-77 from the broker');
    await row(page, 'Orders', 'LDN1-1-77').getByText('New').waitFor();
    await server.tell('fill LDN1-1-77 1000000 1.0997');
    await row(page, 'Orders', 'LDN1-1-77').getByText('Filled').waitFor();
    await row(page, 'Executions', 'LDN1-1-77').getByText('1.0997').waitFor();
    await server.tell('session southbank up');
    await row(page, 'Sessions', 'southbank').getByText('Up').waitFor();
    await server.tell('session southbank down the broker logged out: see you');
    await row(page, 'Sessions', 'southbank').getByText('see you').waitFor();
  },

  async 'markup in Text(58) is text'(page, server) {
    await signIn(page, server.url, 'viewer');
    await server.tell(`session alpha down ${kMarkup}`);
    await row(page, 'Sessions', 'alpha').getByText(kMarkup).waitFor();
    await row(page, 'Orders', 'LDN1-1-2').getByText(kMarkup).waitFor();
    await row(page, 'Orders', 'LDN1-1-2').click();
    await page.getByRole('dialog').getByText(kMarkup).waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator('img').count(), 0);
    await server.tell('session alpha up');
  },

  async 'the keyboard reaches everything'(page, server) {
    await signIn(page, server.url, 'viewer');
    await row(page, 'Orders', 'LDN1-1-2').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('LDN1-1-1');
    await panel(page, 'Orders').locator('tbody tr').nth(0).waitFor();
    assert.equal(await row(page, 'Orders', 'LDN1-1-2').count(), 0);
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await row(page, 'Orders', 'LDN1-1-2').waitFor();
    await panel(page, 'Orders').locator('tbody tr').first().focus();
    await page.keyboard.press('ArrowDown');
    const second = await panel(page, 'Orders').locator('tbody tr').nth(1).getAttribute('data-id');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', {name: `Order ${second}`}).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({state: 'detached'});
    await panel(page, 'Orders').getByRole('button', {name: 'Quantity'}).press('Enter');
    assert.equal(await panel(page, 'Orders').locator('th', {hasText: 'Quantity'}).getAttribute('aria-sort'), 'descending');
  },

  async 'a viewer has no kill switch'(page, server) {
    await signIn(page, server.url, 'viewer');
    await page.getByText('viewer', {exact: true}).first().waitFor();
    assert.equal(await page.getByRole('button', {name: 'Kill switch'}).count(), 0);
  },

  async 'the kill switch asks for a reason and the name, stops, and needs two to release'(page, server) {
    await signIn(page, server.url, 'ops');
    await page.getByRole('button', {name: 'Kill switch'}).click();
    const dialog = page.getByRole('dialog', {name: 'Kill switch'});
    const next = dialog.getByRole('button', {name: 'Continue'});
    assert.equal(await next.isDisabled(), true);
    await dialog.getByLabel('Which').selectOption('ALPHA-1');
    assert.equal(await next.isDisabled(), true, 'no reason yet');
    await dialog.getByLabel('Reason').fill('runaway algorithm');
    await next.click();
    const stop = dialog.getByRole('button', {name: 'Stop now'});
    await dialog.getByLabel('Type ALPHA-1 to confirm').fill('ALPHA-2');
    assert.equal(await stop.isDisabled(), true, 'another name was typed');
    await dialog.getByLabel('Type ALPHA-1 to confirm').fill('ALPHA-1');
    await picture(page, 'kill-switch');
    await stop.click();
    await dialog.getByText('Done: account ALPHA-1 is killed').waitFor();
    await dialog.getByRole('button', {name: 'Close'}).click();
    await row(page, 'Exposures', 'ALPHA-1').getByText('Killed').waitFor();
    await page.getByLabel('Notices').getByText('runaway algorithm').waitFor();

    await page.getByRole('button', {name: 'Kill switch'}).click();
    await dialog.getByLabel('Which').selectOption('ALPHA-1');
    await dialog.getByLabel('active', {exact: false}).check();
    await dialog.getByLabel('Reason').fill('found the fault');
    await next.click();
    await dialog.getByLabel('Type ALPHA-1 to confirm').fill('ALPHA-1');
    await dialog.getByRole('button', {name: 'Propose the release'}).click();
    await dialog.getByText('waits for a second person').waitFor();
    await dialog.getByRole('button', {name: 'Close'}).click();
    await page.getByLabel('Notices').getByText('needs a second person').waitFor();
    await row(page, 'Exposures', 'ALPHA-1').getByText('Killed').waitFor();
  },

  async 'no token is in a URL, a cookie or the storage that lasts'(page, server) {
    const urls = [];
    page.on('request', (request) => urls.push(request.url()));
    await signIn(page, server.url, 'viewer');
    await row(page, 'Orders', 'LDN1-1-1').waitFor();
    assert.ok(urls.length > 0);
    assert.equal(urls.filter((url) => url.includes('token-0123')).length, 0);
    assert.equal(await page.evaluate(() => document.cookie), '');
    assert.equal(await page.evaluate(() => JSON.stringify(localStorage).includes('token-0123')), false);
  },

  async 'a page of another origin cannot open the stream or call the API'(page, server) {
    // The same server under another name is another origin.
    await page.goto(server.url.replace('127.0.0.1', 'localhost'));
    const outcome = await page.evaluate(async (other) => {
      const socket = await new Promise((resolve) => {
        const stream = new WebSocket(`${other.replace('http', 'ws')}api/v1/stream`);
        stream.onopen = () => resolve('open');
        stream.onerror = () => resolve('refused');
      });
      const call = await fetch(`${other}api/v1/health/live`).then(() => 'answered', () => 'refused');
      return {socket, call};
    }, server.url);
    assert.deepEqual(outcome, {socket: 'refused', call: 'refused'});
  },

  async 'a full page in both themes'(page, server) {
    await signIn(page, server.url, 'ops');
    await server.tell('random 60');
    await row(page, 'Orders', 'LDN1-R-59').waitFor();
    await picture(page, 'console-dark');
    await page.getByRole('button', {name: 'Use the light theme'}).click();
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'light');
    await picture(page, 'console-light');
  },
};

async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({path: join(process.env.SCREENSHOTS, `${name}.png`)});
}

const profile = mkdtempSync(join(tmpdir(), 'portcullis-browser-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: kChromium,
  headless: true,
  viewport: {width: 1600, height: 900},
  colorScheme: 'dark',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
});

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  const server = await startServer();
  const page = await browser.newPage();
  page.setDefaultTimeout(kTimeoutMs);
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  // Anything that the Content-Security-Policy had to stop is a fault of the console.
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy')) {
      if (!name.startsWith('a page of another origin')) faults.push(message.text());
    }
  });
  try {
    await test(page, server);
    assert.deepEqual(faults, []);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
    await picture(page, `failed-${failed}`);
  }
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  await page.close();
  await server.stop();
}
await browser.close();
rmSync(profile, {recursive: true, force: true});
console.log(failed === 0 ? `${Object.keys(tests).length} passed` : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
