import { expect, test } from 'vitest'
import { groupChecks } from '../../src/renderer/features/doctor/check-groups.js'
import type { DoctorCheck } from '../../src/shared/doctor-schemas.js'

const check = (id: string): DoctorCheck => ({ id, status: 'pass', message: '', fix: null })

test('findings are grouped by kind, and what is looked at for the first time has a line of its own', () => {
  const groups = groupChecks([check('trust:debian'), check('gateway')], ['client:curl', 'trust'])
  expect(groups.map(({ name, rows }) => [name, rows.map(({ id, running }) => `${id} ${running}`)])).toEqual([
    ['gateway', ['gateway false']],
    ['trust', ['client:curl true', 'trust:debian true']],
  ])
})
