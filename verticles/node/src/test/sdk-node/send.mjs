// Sends one of each kind of event, and COUNT tracks, through Segment's SDK as its README shows.
// Usage: node send.mjs URL WRITE_KEY USER COUNT
// Prints how many events the SDK says were delivered; ends with 1 when any was not.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey, userId, count] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, maxRetries: 2, flushAt: 20 })

let delivered = 0
let failed = 0
const sent = (error) => {
  if (error) {
    failed++
    console.error(String(error))
  } else {
    delivered++
  }
}
analytics.on('error', (error) => console.error(error.code, String(error.reason)))

const anonymousId = `visitor-of-${userId}`
analytics.track({ anonymousId, event: 'Product Viewed', properties: { productId: '1' } }, sent)
analytics.identify({ userId, traits: { name: 'Ada', email: `${userId}@example.com` } }, sent)
analytics.alias({ userId, previousId: anonymousId }, sent)
analytics.page({ userId, category: 'Shop', name: 'Home', properties: { url: '/' } }, sent)
analytics.screen({ userId, name: 'Home' }, sent)
analytics.group({ userId, groupId: 'team-1', traits: { plan: 'gold' } }, sent)
for (let i = 0; i < Number(count); i++) {
  analytics.track({ userId, event: 'Order Completed', properties: { orderId: i, total: 9.9 } }, sent)
}
await analytics.closeAndFlush({ timeout: 20000 })
console.log(delivered)
process.exitCode = failed === 0 ? 0 : 1
