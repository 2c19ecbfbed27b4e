import type { DoctorCheck, DoctorProgress, DoctorReport } from '../../../shared/doctor-schemas.js'
import { Fault } from '../../../shared/fault.js'
import { warn } from './check.js'
import { type DoctorScene, type Topic, topicsOf } from './topics.js'

/** Clients are programs that take a processor each. */
const AT_ONCE = 4

/**
 * Looks at everything, and tells what it has found. What cannot be looked at is a finding too: it never rejects.
 *
 * @param tell told of each topic that is done, with all that is known so far
 * @param wanted topics, or what comes before a colon of several; all of them unless told
 */
export async function runDoctor(
  scene: DoctorScene,
  tell: (progress: DoctorProgress) => void = () => {},
  wanted: readonly string[] | null = null,
): Promise<DoctorReport> {
  const topics = topicsOf(scene).filter(({ id }) => wanted === null || wanted.some((one) => isAbout(one, id)))
  const time = new Date(scene.now).toISOString()
  const found: (DoctorCheck[] | null)[] = topics.map(() => null)
  const report = () => ({ time, checks: found.flatMap((checks) => checks ?? []) })
  const progress = () => ({
    ...report(),
    running: topics.filter((_, index) => found[index] === null).map(({ id }) => id),
  })
  let next = 0
  const work = async () => {
    while (next < topics.length) {
      const index = next++
      found[index] = await looked(topics[index]!)
      tell(progress())
    }
  }
  tell(progress())
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return report()
}

function isAbout(wanted: string, id: string): boolean {
  return id === wanted || id.startsWith(`${wanted}:`)
}

async function looked({ id, look }: Topic): Promise<DoctorCheck[]> {
  try {
    return await look()
  } catch (error) {
    return [warn(id, `This could not be looked at: ${Fault.of(error).message}`)]
  }
}
