import { expect, test } from 'vitest'
import { ngrok } from '../../../../../src/main/engine/share/tools/ngrok.js'
import { readRun, recorded, told } from '../../../../support/share-tools.js'

const EXITED = { code: 1, signal: null }

test('it is open when its tunnel has started', () => {
  expect(told('ngrok', 'ngrok-3.0.json.txt')).toEqual([{ type: 'open', url: 'https://f6fb-example.eu.ngrok.io' }])
})

test('a session that is lost is waited for, and is back at the same address; http:// is no address', () => {
  const open = { type: 'open', url: 'https://170fb9example.ngrok.io' }
  expect(told('ngrok', 'ngrok-2.3.35-lost.json.txt')).toEqual([
    open,
    { type: 'lost', message: 'ngrok does not reach its service: session closed.' },
    open,
  ])
})

test('without a network it is waiting, and its end is not that of ngrok’s making', () => {
  const { signs, output } = readRun('ngrok', recorded('ngrok-2.3.41-offline.json.txt'))
  const message = 'ngrok does not reach its service: dial tcp: lookup tunnel.us.ngrok.com: no such host.'
  expect(signs).toEqual([{ type: 'lost', message }])
  expect(output.failure).toBeNull()
})

test('a proxy that answers in its place is told as one', () => {
  expect(told('ngrok', 'ngrok-3.39-intercepted.json.txt')).toMatchObject([
    { type: 'lost', hint: expect.stringContaining('proxy') },
  ])
})

test('without an account it is not tried again', () => {
  const { output } = readRun('ngrok', recorded('ngrok-3.39.6-no-account.json.txt'))
  expect(output.meaningOf(EXITED, ngrok.title)).toMatchObject({
    message: 'ngrok asks for an account. (ERR_NGROK_4018)',
    hint: expect.stringContaining('ngrok config add-authtoken'),
    again: 'no',
  })
})

test.each([
  ['ngrok-3-endpoint-taken.json.txt', /address of the ngrok account is taken.*334/],
  ['ngrok-2.3-sessions.txt', /as many agents online.*108/],
])('%s: what another agent has is tried again, for it may be the one before', (name, message) => {
  const { output } = readRun('ngrok', recorded(name))
  expect(output.failure).toMatchObject({ again: 'later', message: expect.stringMatching(message), waitMs: 15_000 })
})

test('an authtoken never comes out, neither of an error that is known nor of one that is not', () => {
  const secret = '2abcSECRET_4nq9771bPxe8ctg7LKr'
  const lines = ['ERR_NGROK_107', 'ERR_NGROK_98765'].map((code) =>
    JSON.stringify({
      err: `authentication failed: The authtoken you specified is invalid. Your authtoken: ${secret}\r\n\r\n${code}\r\n`,
      lvl: 'crit',
      msg: 'command failed',
    }),
  )
  for (const line of [...lines, `ERROR:  Your authtoken: ${secret}`]) {
    const { signs, output } = readRun('ngrok', line)
    expect(JSON.stringify([signs, output.meaningOf(EXITED, ngrok.title)])).not.toContain('SECRET')
  }
  expect(readRun('ngrok', lines[1] ?? '').output.failure).toMatchObject({
    message: expect.stringContaining('(ERR_NGROK_98765)'),
    hint: 'What it means: https://ngrok.com/docs/errors/err_ngrok_98765',
    unexplained: true,
  })
})

test('what is no record of its log does no harm', () => {
  for (const line of ['{', '{"url":', '{"msg":"started tunnel","url":7}', '{"msg":null}', '[]', '']) {
    expect(readRun('ngrok', line).signs.filter(({ type }) => type !== 'note')).toEqual([])
  }
})

test('visitors’ requests are not kept for others to read, where it can be told that', () => {
  const { args } = ngrok.plan('/usr/bin/ngrok', 4321, 0)
  expect(args.join(' ')).toBe('http 127.0.0.1:4321 --log stdout --log-format json --log-level info --inspect=false')
  const { output } = readRun('ngrok', 'ERROR:  unknown flag: --inspect\n')
  expect(output.failure).toMatchObject({ again: 'differently' })
  expect(ngrok.plan('/usr/bin/ngrok', 4321, 1).args).not.toContain('--inspect=false')
})

test('its version', () => {
  expect(ngrok.readVersion('ngrok version 2.3.41\n')).toBe('2.3.41')
  expect(ngrok.readVersion('ngrok version 3.39.6-msix\n')).toBe('3.39.6-msix')
})
