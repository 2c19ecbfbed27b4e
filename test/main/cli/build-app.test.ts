import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildApp } from '../../../src/main/cli/build-app.js'

const cwd = '/home/ann/code'

describe('an app from the command line', () => {
  test('on a port', () => {
    expect(buildApp('shop', { port: '3000' }, cwd)).toEqual({ name: 'shop', port: 3000 })
  })

  test('answers to the hosts that are given', () => {
    const app = buildApp('shop', { port: '3000', host: ['shop.localhost', '*.shop.localhost'] }, cwd)
    expect(app).toEqual({ name: 'shop', port: 3000, hosts: ['shop.localhost', '*.shop.localhost'] })
  })

  test('at URLs becomes a route to backends, written as origins', () => {
    const app = buildApp('api', { to: ['http://127.0.0.1:8000/', 'HTTPS://API.example.com'] }, cwd)
    const backends = [{ url: 'http://127.0.0.1:8000' }, { url: 'https://api.example.com' }]
    expect(app).toEqual({ name: 'api', routes: [{ path: '/', upstream: { backends } }] })
  })

  test('in a directory that is relative to where the command was given', () => {
    expect(buildApp('docs', { static: './site' }, cwd)).toEqual({
      name: 'docs',
      static: { dir: '/home/ann/code/site' },
    })
    expect(buildApp('docs', { static: '/srv', spa: true }, cwd)).toEqual({
      name: 'docs',
      static: { dir: '/srv', spa: true },
    })
  })

  test('that is built in', () => {
    expect(buildApp('demo', { demo: true }, cwd)).toEqual({ name: 'demo', demo: true })
  })

  test('that is a command runs here, or where it is told to', () => {
    const npm = { command: ['npm', 'run', 'dev'], cwd }
    expect(buildApp('shop', { run: ['npm', 'run', 'dev'] }, cwd)).toEqual({ name: 'shop', process: npm })
    const line = { command: 'make css && npm start', cwd: path.resolve(cwd, 'web') }
    expect(buildApp('shop', { command: line.command, cwd: 'web' }, cwd)).toEqual({ name: 'shop', process: line })
  })

  test('that is one word with spaces after -- is a line for the shell', () => {
    expect(buildApp('shop', { run: ['npm run dev'] }, cwd).process?.command).toBe('npm run dev')
    expect(buildApp('shop', { run: ['serve'] }, cwd).process?.command).toEqual(['serve'])
  })

  test.each([
    ['a command twice', { run: ['a'], command: 'a' }, 'exactly one of'],
    ['a folder without a command', { port: '1', cwd: '.' }, '--cwd goes with a command only'],
    ['an empty command', { command: '' }, 'The command must be a command'],
    ['no target', {}, 'exactly one of --port, --to, --static, --demo'],
    ['two targets', { port: '1', static: '.' }, 'exactly one of --port, --to, --static, --demo'],
    ['the demo on a port', { port: '1', demo: true }, 'exactly one of --port, --to, --static, --demo'],
    ['--spa without a directory', { port: '1', spa: true }, '--spa goes with --static only'],
    ['a port that is none', { port: 'x' }, '--port x '],
    ['a port out of range', { port: '65536' }, '--port 65536 must be a port from 1 to 65535'],
    ['port 0', { port: '0' }, '--port 0 must be a port'],
    ['a negative port', { port: '-1' }, '--port -1 '],
    ['an empty directory', { static: '' }, '--static must name a directory'],
    ['a URL with a path', { to: ['http://a', 'http://b/c'] }, '--to http://b/c must be an origin'],
    ['a URL with a password', { to: ['http://u:p@b'] }, '--to http://u:p@b must be an origin'],
    ['another scheme', { to: ['ftp://b'] }, '--to ftp://b must be an origin'],
    ['a host that is none', { port: '1', host: ['ok.localhost', 'a b'] }, '--host a b must be a host name'],
  ])('with %s is not a valid invocation', (_, options, message) => {
    expect(() => buildApp('shop', options, cwd)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    )
  })

  test.each(['Shop', 'a b', '-a', '', '__proto__', 'a'.repeat(64)])('may not be called "%s"', (name) => {
    expect(() => buildApp(name, { port: '1' }, cwd)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(`The name "${name}"`) }),
    )
  })
})
