import type { DoctorCheck } from '../../../shared/doctor-schemas.js'
import { isOf } from './topics.js'

export const GROUPS = {
  gateway: ['gateway', 'engine', 'config', 'port', 'node'],
  trust: ['client', 'trust'],
  names: ['name', 'hosts-file', 'search-domain'],
  certificates: ['ca', 'certificate', 'file'],
  machine: ['proxy', 'vpn', 'container'],
  apps: ['app'],
} as const
export type GroupName = keyof typeof GROUPS

/** A line of the list: a finding, a topic that is looked at for the first time, or a finding that is looked at anew. */
export interface CheckRow {
  id: string
  check: DoctorCheck | null
  running: boolean
}

export interface CheckGroup {
  name: GroupName
  rows: CheckRow[]
}

/** The findings and what is under way, by what they are about; groups without anything are left out. */
export function groupChecks(checks: readonly DoctorCheck[], running: readonly string[]): CheckGroup[] {
  const rows: CheckRow[] = [
    ...checks.map((check) => ({ id: check.id, check, running: running.some((topic) => isOf(topic, check)) })),
    ...running
      .filter((topic) => !checks.some((check) => isOf(topic, check)))
      .map((id) => ({ id, check: null, running: true })),
  ]
  const names = Object.keys(GROUPS) as GroupName[]
  const order = (kinds: readonly string[], { id }: CheckRow) => kinds.indexOf(kindOf(id))
  return names
    .map((name) => ({
      name,
      rows: rows
        .filter((row) => order(GROUPS[name], row) !== -1)
        .sort((a, b) => order(GROUPS[name], a) - order(GROUPS[name], b)),
    }))
    .filter(({ rows: own }) => own.length > 0)
}

export function kindOf(id: string): string {
  return id.split(':', 1)[0] ?? id
}
