/** Words of the page that brings the CA to phones. */

export const phones = {
  button: 'Phones…',
  title: 'Have a phone trust Portico',
  lead: 'Scan this with a phone in the same network. The page there explains the rest, step by step.',
  code: 'QR code of the page',
  address: 'Address',
  others: 'If it does not load, try:',
  left: (time: string) => `The page closes by itself in ${time}.`,
  opening: 'Opening the page…',
  closed: 'The page is closed.',
  openAgain: 'Open again',
  stop: 'Stop',
  lan: 'LAN mode: open the apps to the network',
  lanOff:
    'Everybody in this network can then use all your apps, at names such as shop.local. The panel stays with this machine.',
  lanOn: 'Everybody in this network can use your apps, at their names under .local, until you turn this off.',
} as const
