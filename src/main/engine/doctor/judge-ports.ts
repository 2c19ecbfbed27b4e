import type { Listener } from '../../../shared/contract.js'
import type { PortState } from '../../../shared/doctor-facts.js'
import type { DoctorCheck } from '../../../shared/doctor-schemas.js'
import { fixBy, pass, warn } from './check.js'

export interface PortFacts {
  protocol: Listener['protocol']
  /** what the config says */
  wanted: number
  /** where it listens; null while no gateway runs */
  open: number | null
  /** of the wanted port */
  state: PortState
  /** who listens on the wanted port, as `nginx (PID 812)`; null when that is not known */
  holder: string | null
  permitCommand: string | null
  portico: string
}

const PERMIT = { kind: 'system', group: 'ports', action: 'install' } as const

/** Whether a protocol has the port that it should have, and what is in the way. */
export function judgePort({ protocol, wanted, open, state, holder, permitCommand, portico }: PortFacts): DoctorCheck {
  const id = `port:${protocol}`
  const name = protocol.toUpperCase()
  if (open === wanted) return pass(id, `${name} is on port ${wanted}.`)
  const instead = open === null ? '' : ` ${name} is on port ${open} meanwhile.`
  const later = open === null ? '' : ` After the command: ${portico} pause, and ${portico} resume.`
  const again = open === null ? '' : ` Then: ${portico} pause, and ${portico} resume.`
  switch (state) {
    case 'taken': {
      const who = holder ?? 'another process'
      const text = `Stop ${who}, or choose another port in the config under "listen".${again}`
      return warn(id, `Port ${wanted} is taken by ${who}.${instead}`, fixBy(text))
    }
    case 'forbidden': {
      const text =
        permitCommand === null ? 'Choose a port above 1023 in the config under "listen".' : `Permits it.${later}`
      return warn(
        id,
        `This user may not listen on port ${wanted}.${instead}`,
        fixBy(text, permitCommand, permitCommand === null ? null : PERMIT),
      )
    }
    case 'unknown':
      return warn(id, `It is not known who has port ${wanted}.${instead}`)
    case 'free':
      return open === null
        ? pass(id, `Port ${wanted} is free for ${name}.`)
        : pass(
            id,
            `${name} is on port ${open}. The config’s is ${wanted}, which is free now: it was started with another one, or could not have that.`,
          )
  }
}
