import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Sandbox } from './portico.js'

let box: Sandbox

beforeEach(async () => {
  box = await Sandbox.make()
})

afterEach(() => box.close())

test('LAN mode is turned on and off for good, and tells where the apps are', async () => {
  const apps = [
    { name: 'shop', port: 3000 },
    { name: 'old', port: 3001, enabled: false },
  ]
  await writeFile(box.configFile, JSON.stringify({ version: 1, apps, lan: { mdns: false } }))
  await box.serve()
  expect((await box.run('lan', 'status')).stdout).toContain('kept out')

  const on = await box.run('lan', 'on')
  expect(on.code).toBe(0)
  expect(on.stdout).toMatch(/https:\/\/shop\.local(:\d+)?\n/)
  expect(on.stdout).not.toContain('old.local')
  expect(JSON.parse(await readFile(box.configFile, 'utf8')).lan).toEqual({ mdns: false, enabled: true })
  const told = JSON.parse((await box.run('lan', 'status', '--json')).stdout)
  expect(told).toEqual({ enabled: true, mdns: false, urls: [expect.stringContaining('https://shop.local')] })

  expect((await box.run('lan', 'off')).stdout).toContain('this machine alone')
  expect(JSON.parse((await box.run('lan', 'status', '--json')).stdout).enabled).toBe(false)
})

test('without a gateway it says so', async () => {
  const { code, stderr } = await box.run('lan', 'on')
  expect(code).toBe(1)
  expect(stderr).toContain('portico serve')
})
