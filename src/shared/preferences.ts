import { z } from 'zod'

const boundsSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1),
  height: z.int().min(1),
  maximised: z.boolean(),
})

const settings = {
  theme: z.enum(['system', 'light', 'dark']),
  /** Portico starts, without its window, when the person logs in */
  openAtLogin: z.boolean(),
  /** the gateway starts with the app */
  startGateway: z.boolean(),
  /** closing the window leaves the gateway serving */
  closeToTray: z.boolean(),
}

/** What the window may change; each key alone. */
export const settingsPatchSchema = z.strictObject(settings).partial()

export const settingsSchema = z.object(settings)

/**
 * The shell's preferences as they are kept. Each value that is not what it should be is the default again, so that one
 * bad line in the file costs one preference.
 */
export const preferencesSchema = z.object({
  theme: settings.theme.catch('system'),
  openAtLogin: settings.openAtLogin.catch(false),
  startGateway: settings.startGateway.catch(true),
  closeToTray: settings.closeToTray.catch(true),
  /** in density-independent pixels, of the window that is not maximised; null before it was first closed */
  windowBounds: boundsSchema.nullable().catch(null),
  /** the person has been told that the gateway goes on after the window is closed */
  toldAboutTray: z.boolean().catch(false),
})

export type WindowBounds = z.output<typeof boundsSchema>
export type Settings = z.output<typeof settingsSchema>
export type SettingsPatch = z.output<typeof settingsPatchSchema>
export type Preferences = z.output<typeof preferencesSchema>
