/** Another script beside `gateway-service.ts`: the same service, with a master of its own. */
import './gateway-service.ts';
