import path from 'node:path'
import { exists, findProgram, type Machine, readText } from './machine.js'
import { readProfiles } from './profiles-ini.js'

/** A database of NSS: the certificates that a browser, or all Chromium browsers of a person, trust. */
export interface NssPlace {
  id: string
  title: string
  folder: string
  /** it is made when it is not there */
  create: boolean
  /** true where the browser trusts what the system trusts anyway */
  optional: boolean
}

/** Every database of this person, Chromium's first. */
export async function nssPlaces(machine: Machine): Promise<NssPlace[]> {
  return [...(await chromiumPlaces(machine)), ...(await firefoxPlaces(machine))]
}

const CHROMIUM_PROGRAMS = [
  ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'google-chrome-beta', 'brave-browser'],
  ...['microsoft-edge', 'microsoft-edge-stable', 'vivaldi', 'vivaldi-stable', 'opera'],
]

/** Before version 146 Chromium knew ~/.pki only; since then it is where it looks first, and XDG's folder else. */
async function chromiumPlaces(machine: Machine): Promise<NssPlace[]> {
  if (machine.platform !== 'linux') return []
  const { home, env } = machine
  const own = `${home}/.pki/nssdb`
  const xdg = `${env.XDG_DATA_HOME ?? `${home}/.local/share`}/pki/nssdb`
  const shared = await existing(machine, [own, xdg])
  const installed = (await findProgram(machine, ...CHROMIUM_PROGRAMS)) !== null
  const folders = shared.length > 0 ? shared : installed ? [own] : []
  const confined = await existing(machine, [
    `${home}/snap/chromium/current/.local/share/pki/nssdb`,
    `${home}/snap/chromium/current/.pki/nssdb`,
    `${home}/.var/app/org.chromium.Chromium/.pki/nssdb`,
    `${home}/.var/app/com.google.Chrome/.pki/nssdb`,
    `${home}/.var/app/com.brave.Browser/.pki/nssdb`,
  ])
  return [
    ...folders.map((folder, index) => ({
      id: index === 0 ? 'nss:chromium' : 'nss:chromium-xdg',
      title: 'Chrome and Chromium',
      folder,
      create: true,
      optional: false,
    })),
    ...confined.map((folder) => {
      const [, kind = ''] = /\/(snap|org\.chromium|com\.google|com\.brave)[./]/.exec(folder.slice(home.length)) ?? []
      const name = { snap: 'Chromium (snap)', 'org.chromium': 'Chromium (flatpak)', 'com.google': 'Chrome (flatpak)' }[
        kind
      ]
      const title = name ?? 'Brave (flatpak)'
      return { id: `nss:${slug(title)}`, title, folder, create: false, optional: false }
    }),
  ]
}

interface FirefoxHome {
  folder: string
  id: string
  title: string
}

async function firefoxPlaces(machine: Machine): Promise<NssPlace[]> {
  const places: NssPlace[] = []
  for (const { folder, id, title } of firefoxHomes(machine)) {
    const profiles = readProfiles((await readText(machine, `${folder}/profiles.ini`)) ?? '', folder)
    for (const profile of profiles) {
      if (!(await exists(machine, `${profile.folder}/cert9.db`))) continue
      const unlike = places.filter((place) => place.id.startsWith(`${id}:${slug(profile.name)}`)).length
      places.push({
        id: `${id}:${slug(profile.name)}${unlike === 0 ? '' : `-${unlike + 1}`}`,
        title: `${title}, profile ${profile.name}`,
        folder: profile.folder,
        create: false,
        optional: machine.platform !== 'linux' && !(await refusesSystemRoots(machine, profile.folder)),
      })
    }
  }
  return places
}

function firefoxHomes({ platform, home, env }: Machine): FirefoxHome[] {
  if (platform === 'darwin') {
    return [{ folder: `${home}/Library/Application Support/Firefox`, id: 'nss:firefox', title: 'Firefox' }]
  }
  if (platform !== 'linux') return []
  return [
    { folder: `${home}/.mozilla/firefox`, id: 'nss:firefox', title: 'Firefox' },
    // where profiles are made since version 147
    { folder: `${env.XDG_CONFIG_HOME ?? `${home}/.config`}/mozilla/firefox`, id: 'nss:firefox', title: 'Firefox' },
    { folder: `${home}/snap/firefox/common/.mozilla/firefox`, id: 'nss:firefox-snap', title: 'Firefox (snap)' },
    {
      folder: `${home}/.var/app/org.mozilla.firefox/.mozilla/firefox`,
      id: 'nss:firefox-flatpak',
      title: 'Firefox (flatpak)',
    },
    { folder: `${home}/.librewolf`, id: 'nss:librewolf', title: 'LibreWolf' },
    { folder: `${home}/.zen`, id: 'nss:zen', title: 'Zen' },
  ]
}

/** Since version 120 Firefox trusts what macOS and Windows trust, unless it was told not to. */
async function refusesSystemRoots(machine: Machine, profile: string): Promise<boolean> {
  const texts = await Promise.all(['user.js', 'prefs.js'].map((name) => readText(machine, path.join(profile, name))))
  return texts.some((text) => /^\s*user_pref\("security\.enterprise_roots\.enabled",\s*false\)/m.test(text ?? ''))
}

async function existing(machine: Machine, folders: string[]): Promise<string[]> {
  const there = await Promise.all(folders.map(async (one) => ((await exists(machine, `${one}/cert9.db`)) ? [one] : [])))
  return there.flat()
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
