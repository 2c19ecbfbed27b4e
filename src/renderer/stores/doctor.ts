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

/** Topics to look at when the look under way has come to its end. */
const waiting = new Set<string>()

/**
 * Has the doctor look; once at a time.
 *
 * @param topics those to look at, after a look that is under way; everything when left out
 */
export async function runDoctor(topics: readonly string[] | null = null): Promise<void> {
  const { getState, setState } = useDoctor
  if (getState().busy) {
    for (const topic of topics ?? []) waiting.add(topic)
    return
  }
  setState({ busy: true, fault: null })
  const others = (checks: readonly DoctorCheck[]) =>
    topics === null ? [] : checks.filter((check) => !topics.some((topic) => isOf(topic, check)))
  const end = on('doctor', (progress) =>
    setState(({ checks }) => {
      const { checks: fresh, running } = merged(checks, progress)
      return { checks: [...others(checks), ...fresh.filter((check) => others([check]).length === 0)], running }
    }),
  )
  try {
    const { time, checks } = await call('doctor.run', topics === null ? {} : { topics: [...topics] })
    setState((before) => ({ time, checks: [...others(before.checks), ...checks] }))
  } catch (error) {
    setState({ fault: Fault.of(error) })
  } finally {
    end()
    setState({ busy: false, running: [] })
  }
  const next = [...waiting]
  waiting.clear()
  if (next.length > 0) await runDoctor(next)
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
