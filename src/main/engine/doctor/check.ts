import type { DoctorAction, DoctorCheck, DoctorFix } from '../../../shared/doctor-schemas.js'

export function pass(id: string, message: string): DoctorCheck {
  return { id, status: 'pass', message, fix: null }
}

export function warn(id: string, message: string, fix: DoctorFix | null = null): DoctorCheck {
  return { id, status: 'warn', message, fix }
}

export function fail(id: string, message: string, fix: DoctorFix | null = null): DoctorCheck {
  return { id, status: 'fail', message, fix }
}

/** @param text what the command does, or what to do without one */
export function fixBy(text: string, command: string | null = null, plan: DoctorFix['plan'] = null): DoctorFix {
  return { command, plan, action: null, text }
}

/** A fix that a click carries out too. */
export function fixAtOnce(text: string, command: string, action: DoctorAction): DoctorFix {
  return { command, plan: null, action, text }
}
