import { create } from 'zustand'
import type { DoctorCheck, DoctorProgress } from '../../shared/doctor-schemas.js'
import { Fault } from '../../shared/fault.js'
import { call, on } from '../bridge.js'
import { isOf } from '../features/doctor/topics.js'

interface DoctorState {
  /** of the latest look; those of topics that are being looked at again are from before */
  checks: readonly DoctorCheck[]
  /** topics under way */
  running: readonly string[]
  busy: boolean
  /** ISO 8601, of the latest look that came to its end; null before there was one */
  time: string | null
  fault: Fault | null
}

/** What the doctor has found in this window. */
export const useDoctor = create<DoctorState>(() => ({ checks: [], running: [], busy: false, time: null, fault: null }))

/** Has the doctor look at everything; once at a time. */
export async function runDoctor(): Promise<void> {
  const { getState, setState } = useDoctor
  if (getState().busy) return
  setState({ busy: true, fault: null })
  const end = on('doctor', (progress) => setState(({ checks }) => merged(checks, progress)))
  try {
    const { time, checks } = await call('doctor.run', {})
    setState({ time, checks })
  } catch (error) {
    setState({ fault: Fault.of(error) })
  } finally {
    end()
    setState({ busy: false, running: [] })
  }
}

/** What does not work, beyond what the window is told of anyway. */
export function doctorProblems(checks: readonly DoctorCheck[]): number {
  return checks.filter(({ id, status }) => status === 'fail' && !/^(config|app|gateway)(:|$)/.test(id)).length
}

function merged(before: readonly DoctorCheck[], { checks, running }: DoctorProgress) {
  const kept = before.filter((check) => running.some((topic) => isOf(topic, check)))
  const fresh = new Set(checks.map(({ id }) => id))
  return { checks: [...checks, ...kept.filter(({ id }) => !fresh.has(id))], running }
}
