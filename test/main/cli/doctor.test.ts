import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { doctorReportSchema } from '../../../src/shared/doctor-schemas.js'
import { Sandbox } from './portico.js'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await Sandbox.make()
})

afterEach(() => sandbox.close())

test('doctor without a gateway fails with what to do, and makes nothing', { timeout: 60_000 }, async () => {
  const { code, stdout } = await sandbox.runWithConfig('doctor', '--json')
  expect(code).toBe(1)
  const { checks } = doctorReportSchema.parse(JSON.parse(stdout))
  expect(checks[0]).toMatchObject({ id: 'gateway', status: 'fail', message: 'Portico is not running.' })
  expect(checks[0]?.fix?.command).toMatch(/^portico --data-dir \S+ serve$/)
  expect(checks.find(({ id }) => id === 'node')?.status).toBe('pass')
  expect(readdirSync(sandbox.base)).toEqual([])
})

test('doctor asks the running gateway from this shell, and tells of each client', { timeout: 90_000 }, async () => {
  await sandbox.serve()
  const { code, stdout, stderr } = await sandbox.run('doctor')
  expect(code).toBe(1)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^● pass {2}Portico \S+ runs/m)
  expect(stdout).toMatch(/^■ fail {2}curl does not trust the local CA/m)
  expect(stdout).toMatch(/^ {8}portico --data-dir \S+ ca install --store \w+$/m)
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ failed, \d+ to look at, \d+ in order\.$/)
})
