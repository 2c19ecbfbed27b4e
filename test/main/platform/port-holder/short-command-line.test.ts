import { expect, test } from 'vitest'
import { shortCommandLine } from '../../../../src/main/platform/port-holder/short-command-line.js'

test.each([
  ['node', 'node server.js', 'node server.js'],
  ['node', '/usr/local/bin/node server.js --port 3000', 'node server.js --port 3000'],
  ['node', '/Applications/My App/node/node server.js', 'node server.js'],
  ['node', '"C:\\Program Files\\nodejs\\node.exe" server.js', 'node server.js'],
  ['node', 'C:\\nodejs\\node.exe  server.js', 'node  server.js'],
  ['caddy', '/usr/bin/caddy', 'caddy'],
  ['node', 'next-server (v16.0.1)', 'next-server (v16.0.1)'],
  ['nginx', 'nginx: master process /usr/sbin/nginx', 'nginx: master process /usr/sbin/nginx'],
  ['python3.13', '/usr/bin/python3 app.py', '/usr/bin/python3 app.py'],
  ['node', 'sh -c /usr/bin/node', 'sh -c /usr/bin/node'],
  ['c++', '/opt/c++ $& x', 'c++ $& x'],
  ['nginx', null, 'nginx'],
])('%s, started as %j, is shown as %j', (command, commandLine, shown) => {
  expect(shortCommandLine(command, commandLine)).toBe(shown)
})
