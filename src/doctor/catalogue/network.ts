import type { Entries } from './entry.ts';

export type NetworkCode =
  | 'port-refused'
  | 'bound-to-loopback'
  | 'port-filtered'
  | 'host-unreachable'
  | 'connection-failed'
  | 'address-fails';

/** What TCP tells. */
export const NETWORK: Entries<NetworkCode> = {
  'port-refused': {
    severity: 'fault',
    cause: {
      en: '{address} refuses port {port}: nothing listens there',
      tr: '{address} {port} kapısını reddediyor: orada dinleyen yok',
    },
    remedy: {
      en: 'check the port in the URL; on the server, check that the service runs and listens on 0.0.0.0 and not on 127.0.0.1 (usta doctor --local {port}); a container must publish the port',
      tr: 'URL’deki kapıyı denetleyin; sunucuda hizmetin çalıştığını ve 127.0.0.1’de değil 0.0.0.0’da dinlediğini denetleyin (usta doctor --local {port}); kapsayıcı kapıyı dışarı açmalı',
    },
  },
  'bound-to-loopback': {
    severity: 'fault',
    cause: {
      en: 'the service on port {port} is bound to 127.0.0.1: it answers there, and {address}, another address of this machine, is refused',
      tr: '{port} kapısındaki hizmet 127.0.0.1’e bağlı: orada yanıt veriyor, bu makinenin başka bir adresi olan {address} ise reddediliyor',
    },
    remedy: {
      en: 'listen on all addresses (0.0.0.0:{port}), or keep it on 127.0.0.1 and put a proxy in front of it (usta proxy)',
      tr: 'tüm adreslerde dinleyin (0.0.0.0:{port}) ya da 127.0.0.1’de bırakıp önüne bir vekil sunucu koyun (usta proxy)',
    },
  },
  'port-filtered': {
    severity: 'fault',
    cause: {
      en: '{address} does not answer on port {port} within {seconds} s, neither yes nor no: a firewall drops the packets, or the machine is off',
      tr: '{address} {port} kapısında {seconds} saniyede ne evet ne hayır diyor: bir güvenlik duvarı paketleri düşürüyor ya da makine kapalı',
    },
    remedy: {
      en: 'open port {port} (TCP, incoming) in the security group of the cloud provider and in the firewall of the server (ufw, firewalld, nftables); check the IP address',
      tr: 'bulut sağlayıcının güvenlik grubunda ve sunucunun güvenlik duvarında (ufw, firewalld, nftables) {port} kapısını (TCP, gelen) açın; IP adresini denetleyin',
    },
  },
  'host-unreachable': {
    severity: 'fault',
    cause: {
      en: 'there is no way to {address} ({error}): this machine has no route, or a router or firewall on the way says no',
      tr: '{address} adresine yol yok ({error}): bu makinede rota yok ya da yoldaki bir yönlendirici veya güvenlik duvarı izin vermiyor',
    },
    remedy: {
      en: 'check the address of the DNS record; a private address is reached from its own network only, an IPv6 address needs IPv6 on both sides',
      tr: 'DNS kaydındaki adresi denetleyin; özel adrese yalnızca kendi ağından ulaşılır, IPv6 adresi iki tarafta da IPv6 ister',
    },
  },
  'connection-failed': {
    severity: 'fault',
    cause: {
      en: 'no connection to {address} port {port}: {error}',
      tr: '{address} {port} kapısına bağlantı kurulamıyor: {error}',
    },
    remedy: {
      en: 'the system of this machine says why: look its word up; often a local firewall or a limit of descriptors',
      tr: 'nedeni bu makinenin işletim sistemi söylüyor: bu sözü araştırın; çoğu kez yerel bir güvenlik duvarı veya tanıtıcı sınırı',
    },
  },
  'address-fails': {
    severity: 'warning',
    cause: {
      en: '{host} has several addresses, and {address} ({family}) does not work: {how}',
      tr: '{host} adının birkaç adresi var ve {address} ({family}) çalışmıyor: {how}',
    },
    remedy: {
      en: 'clients that try it first wait or fail: make the service listen there ({family}), or take that record out of DNS',
      tr: 'onu ilk deneyen istemciler bekler ya da bağlanamaz: hizmeti orada da ({family}) dinletin ya da bu kaydı DNS’ten çıkarın',
    },
  },
};
