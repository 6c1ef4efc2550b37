// Sends a few events and COUNT tracks through Segment's SDK for browsers, loaded as its README shows.
// Usage: node send-browser.mjs URL WRITE_KEY USER COUNT
// Prints how many events the SDK says were delivered; ends with 1 when any was not.
import './window.mjs'

const { AnalyticsBrowser } = await import('@segment/analytics-next')
const [cdnURL, writeKey, userId, count] = process.argv.slice(2)
const analytics = AnalyticsBrowser.load({ writeKey, cdnURL })

let delivered = 0
let failed = 0
const settled = (context) => {
  if (context.failedDelivery()) {
    failed++
    console.error(String(context.failedDelivery().reason))
  } else {
    delivered++
  }
}

settled(await analytics.track('Product Viewed', { productId: '1' }))
settled(await analytics.identify(userId, { name: 'Ada', email: `${userId}@example.com` }))
settled(await analytics.page('Home'))
for (let i = 0; i < Number(count); i++) {
  settled(await analytics.track('Order Completed', { orderId: i, total: 9.9 }))
}
console.log(delivered)
process.exit(failed === 0 ? 0 : 1)
