/** Words of plans that change the machine, and of what came of them. */

export const changes = {
  doing: 'Working…',
  elsewhere: 'All of this happens on the machine that Portico runs on. The browser you look through may be on another.',
  approval: 'Needs approval: you are asked for a password, once.',
  administrator: 'with approval',
  planFirst: 'Looking at what is to be done…',
  nothingChanged: 'Nothing was changed.',
  deeds: {
    'write-file': 'Writes a file',
    'remove-file': 'Removes a file',
    'make-directory': 'Makes a folder',
  },
  outcomes: { done: 'Done', failed: 'Failed', undone: 'Taken back', skipped: 'Not begun', cancelled: 'Cancelled' },
} as const

/** Words of the machine's settings. */
export const system = {
  title: 'Names and ports on this machine',
  lead: 'How programs other than browsers find your hosts, and what lets Portico serve ports 443 and 80. One way of each is enough; the first that fits is the best.',
  groups: { names: 'Names', ports: 'Ports below 1024' },
  states: { on: 'On', outdated: 'Outdated', off: 'Off' },
  unfit: 'Does not fit',
  unneeded: 'This system lets everybody serve ports below 1024.',
  outOfReach:
    'The settings of this machine are out of reach here. Run in a terminal: portico dns status, and portico low-ports status',
  doThis: { install: 'Install…', uninstall: 'Remove…' },
  renew: 'Renew…',
  doIt: { install: 'Install', uninstall: 'Remove' },
  titles: {
    names: { install: 'Have this machine find your hosts', uninstall: 'Take back how hosts are found' },
    ports: { install: 'Permit ports 443 and 80', uninstall: 'Take back the permission for low ports' },
  },
  leads: {
    names: {
      install: 'This is what Portico does so that every program here finds the hosts of your apps.',
      uninstall: 'Browsers go on finding names under .localhost; other programs and names may not.',
    },
    ports: {
      install: 'This is what Portico does so that your addresses need no port.',
      uninstall: 'Portico goes on serving; after its next start it may be on ports 4443 and 8080.',
    },
  },
  nothing: {
    install: 'There is nothing left to do.',
    uninstall: 'This machine has nothing of Portico’s here.',
  },
} as const
