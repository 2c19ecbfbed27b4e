import type { DoctorAction, DoctorCheck, DoctorFixPlan } from '../../../shared/doctor-schemas.js'

/** Whether a check is one of a topic's. */
export function isOf(topic: string, { id }: Pick<DoctorCheck, 'id'>): boolean {
  return id === topic || id.startsWith(`${topic}:`)
}

/** The topics that may be otherwise when a fix was carried out, each for all that begin with it. */
export function topicsChangedBy(fix: DoctorFixPlan): string[] {
  switch (fix.kind) {
    case 'trust':
      return ['trust', 'client']
    case 'system':
      return fix.group === 'ports' ? ['gateway', 'config', 'port'] : ['name', 'hosts-file', 'search-domain']
    case 'rotate':
      return ['config', 'ca', 'certificate', 'trust', 'client']
  }
}

/** The same for what a click has done; null where all may be otherwise. */
export function topicsChangedByAction({ command }: DoctorAction): string[] | null {
  switch (command) {
    case 'app.restart':
    case 'backend.drain':
      return ['app']
    case 'certificates.renew':
      return ['certificate', 'client']
    case 'gateway.resume':
      return null
  }
}
