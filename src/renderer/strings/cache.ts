/** Words of what an app's cache keeps. */

export const cache = {
  title: 'Cache',
  kept: 'Kept',
  answers: (count: string, one: boolean) => `${count} ${one ? 'answer' : 'answers'}`,
  memory: (bytes: string) => `${bytes} in memory`,
  disk: (bytes: string) => `${bytes} on disk`,
  hits: 'Hit ratio',
  ratio: (percent: number, hits: string, all: string) => `${percent} % (${hits} of ${all})`,
  notAsked: 'No requests yet',
  none: 'Nothing is kept yet.',
  noneText: 'Answers show up here once the app says that they may be kept, as with Cache-Control: max-age=60.',
  purgeAll: 'Purge all',
  purge: 'Purge',
  purgeOne: (path: string) => `Purge ${path}`,
  place: 'Path, or /img/* for all below',
  purged: (count: number) =>
    count === 0 ? 'Nothing of that is kept.' : count === 1 ? 'One answer was purged.' : `${count} answers were purged.`,
  order: 'Which answers',
  orders: { latest: 'Used last', largest: 'Largest' },
  list: { latest: 'Answers used last', largest: 'Largest answers' },
  fresh: (time: string) => `fresh for ${time}`,
  stale: 'stale',
  details: (url: string, status: number, stored: string, where: string) =>
    `${url}\n${status}, stored ${stored}, ${where}`,
  where: { memory: 'in memory', disk: 'on disk', both: 'in memory and on disk' },
  vary: (fields: string) => `One answer for each ${fields}`,
} as const
