// As much of a browser's window as Segment's SDK for browsers touches; Node.js brings fetch itself.
const nothing = () => {}

const storage = () => {
  const entries = new Map()
  return {
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => entries.set(key, String(value)),
    removeItem: (key) => entries.delete(key),
    key: (index) => [...entries.keys()][index] ?? null,
    get length() {
      return entries.size
    },
  }
}

const location = {
  protocol: 'https:',
  host: 'shop.example.com',
  hostname: 'shop.example.com',
  origin: 'https://shop.example.com',
  pathname: '/cart',
  search: '',
  hash: '',
  href: 'https://shop.example.com/cart',
}

const cookies = new Map()

const document = {
  get cookie() {
    return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  },
  set cookie(line) {
    const [pair, ...attributes] = line.split(/; */)
    const [name, value] = pair.split('=')
    const expires = attributes.find((attribute) => attribute.startsWith('expires='))
    if (expires && Date.parse(expires.substring(8)) < Date.now()) {
      cookies.delete(name)
    } else {
      cookies.set(name, value)
    }
  },
  title: 'Cart',
  referrer: '',
  readyState: 'complete',
  location,
  body: {},
  head: {},
  addEventListener: nothing,
  removeEventListener: nothing,
  querySelector: () => null,
  querySelectorAll: () => [],
  getElementsByTagName: () => [],
  createElement: () => ({ style: {}, setAttribute: nothing }),
}

const globals = {
  window: globalThis,
  document,
  location,
  navigator: { userAgent: 'test', language: 'en', onLine: true },
  localStorage: storage(),
  sessionStorage: storage(),
  addEventListener: nothing,
  removeEventListener: nothing,
}
for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}
