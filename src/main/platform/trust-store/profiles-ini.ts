import path from 'node:path'

export interface FirefoxProfile {
  name: string
  /** absolute */
  folder: string
}

/**
 * The profiles in a profiles.ini of Firefox.
 *
 * @param folder where the file is; relative paths are from there
 */
export function readProfiles(text: string, folder: string): FirefoxProfile[] {
  return text.split(/^\s*(?=\[)/m).flatMap((section) => {
    if (!/^\[Profile\d+\]/i.test(section)) return []
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'mi').exec(section)?.[1]?.trim()
    const where = value('Path')
    if (where === undefined || where === '') return []
    const whole = value('IsRelative') === '0' ? where : path.join(folder, where)
    return [{ name: value('Name') ?? path.basename(where), folder: whole }]
  })
}
