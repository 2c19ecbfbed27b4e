import { apps, form, welcome } from './strings/apps.js'
import { backends } from './strings/backends.js'
import { cache } from './strings/cache.js'
import { certificates } from './strings/certificates.js'
import { changes, system } from './strings/changes.js'
import { charts } from './strings/charts.js'
import { doctor } from './strings/doctor.js'
import { faults } from './strings/faults.js'
import { actions, connection, health, power, relative, screens, status, table } from './strings/frame.js'
import { palette, shortcuts } from './strings/palette.js'
import { phones } from './strings/phones.js'
import { policies } from './strings/policies.js'
import { output, processes, processForm } from './strings/processes.js'
import { exchange, requests } from './strings/requests.js'
import { services } from './strings/services.js'
import { settings } from './strings/settings.js'
import { share } from './strings/share.js'

/** Every word of the window, ready for translation: one file a screen. Numbers arrive formatted. */
export const strings = {
  product: 'Portico',
  screens,
  actions,
  table,
  connection,
  power,
  status,
  health,
  apps,
  welcome,
  form,
  requests,
  exchange,
  backends,
  processes,
  processForm,
  output,
  certificates,
  phones,
  changes,
  system,
  doctor,
  cache,
  charts,
  faults,
  policies,
  settings,
  share,
  services,
  palette,
  shortcuts,
  relative,
} as const
