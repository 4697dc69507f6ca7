import { openStores } from '/work/main/examples/gateway/stores/open-stores.ts';

const stores = await openStores({ dataDir: '/tmp/gateway-embedded-8Ex4nb/data', databaseUrl: null, redisUrl: null, secretKey: null });
await stores.settings.set('written', 'elsewhere');
console.log('open');
setInterval(() => undefined, 1_000);
