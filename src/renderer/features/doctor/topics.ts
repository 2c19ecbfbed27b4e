import type { DoctorCheck } from '../../../shared/doctor-schemas.js'

/** Whether a check is one of a topic's. */
export function isOf(topic: string, { id }: Pick<DoctorCheck, 'id'>): boolean {
  return id === topic || id.startsWith(`${topic}:`)
}
