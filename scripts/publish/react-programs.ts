/** What those who test components, or render them on servers, have beside them. */
export const TOOLS_OF_REACT = [
  'react@^19',
  'react-dom@^19',
  'react-server-dom-webpack@^19',
  '@testing-library/dom@^10',
  '@testing-library/react@^16',
  'jest@^30',
  'jest-environment-jsdom@^30',
];

/** A test of a user's component in Jest, which reads CommonJS and knows nothing of ours. */
export const JEST_TEST = `
const { createElement: h } = require('react');
const { act, render, screen } = require('@testing-library/react');
const net = require('node:net');
const { Flag, useFlag } = require('@flags/react');
const { FlagDevtools } = require('@flags/react/devtools');
const { createTestFlags, TestFlagProvider } = require('@flags/react/testing');

const connect = jest.spyOn(net.Socket.prototype, 'connect').mockImplementation(() => {
  throw new Error('Tests have no network.');
});
global.fetch = () => connect();
const said = jest.spyOn(console, 'error');
const Theme = () => h('p', { role: 'status' }, useFlag('theme', 'light'));

test('flags are those of the test, and change when it says so', () => {
  const flags = createTestFlags({ theme: 'dark' });
  render(h(TestFlagProvider, { client: flags }, h(Theme)));
  expect(screen.getByRole('status').textContent).toBe('dark');
  flags.set({ theme: 'blue' });
  expect(screen.getByRole('status').textContent).toBe('blue');
});

test('flags are given as they are', () => {
  const page = (isOn) => h(TestFlagProvider, { flags: { 'new-checkout': isOn } }, h(Flag, { name: 'new-checkout' }, 'new'));
  const { container, rerender } = render(page(true));
  expect(container.textContent).toBe('new');
  rerender(page(false));
  expect(container.textContent).toBe('');
});

afterAll(() => {
  expect(typeof FlagDevtools).toBe('function');
  expect(connect).not.toHaveBeenCalled();
  expect(said).not.toHaveBeenCalled();
});
`;

/** A server component, rendered by React for servers to what a page is sent: ours for pages are references in it. */
export const SERVER_COMPONENT = `
require('react-server-dom-webpack/node-register')();
const { createElement: h } = require('react');
const { renderToPipeableStream } = require('react-server-dom-webpack/server');
const { FlagProvider, Flag } = require('@flags/react');
const { FlagDevtools } = require('@flags/react/devtools');
const { requestFlags } = require('@flags/react/server');
const { createMemoryClient } = require('@flags/sync/testing');

async function Page() {
  const flags = await requestFlags(createMemoryClient({ theme: 'dark' }), { targetingKey: 'ann' });
  const below = [h(Flag, { name: 'theme', match: 'dark', key: 1 }, 'new'), h(FlagDevtools, { key: 2 })];
  return h('main', { className: flags.value('theme', 'light') }, h(FlagProvider, { bootstrap: flags.bootstrap }, below));
}
const references = new Proxy({}, { get: (_, id) => ({ id, name: id.replace(/.*#/, ''), chunks: [] }) });
renderToPipeableStream(h(Page), references, { onError: (error) => console.error(error) }).pipe(process.stdout);
`;
