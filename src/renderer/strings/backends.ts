/** Words of the backends. */

export const backends = {
  columns: { url: 'Backend', app: 'App', route: 'Route', health: 'Health', since: 'Since', weight: 'Weight' },
  filter: 'Filter backends',
  none: 'No backends',
  noneText: 'Apps that lead to a port or to URLs list them here, with their health as requests find it.',
  noMatch: 'No backend matches this filter.',
} as const
