import type { Entries } from './entry.ts';

export type TlsCode =
  | 'plain-on-wss-port'
  | 'other-service'
  | 'tls-version'
  | 'tls-no-common-cipher'
  | 'tls-unknown-name'
  | 'tls-internal-error'
  | 'tls-alert'
  | 'client-certificate-required'
  | 'http2-only'
  | 'handshake-too-large'
  | 'tls-closed'
  | 'tls-silent'
  | 'tls12-missing'
  | 'wechat-tls12';

/** What the TLS handshake tells, certificates apart. */
export const TLS: Entries<TlsCode> = {
  'plain-on-wss-port': {
    severity: 'fault',
    cause: {
      en: 'port {port} speaks plain HTTP and the URL says {scheme}:// : there is no TLS on this port',
      tr: '{port} kapısı şifresiz HTTP konuşuyor, URL ise {scheme}:// diyor: bu kapıda TLS yok',
    },
    remedy: {
      en: 'connect to the port on which TLS is (443 of the proxy), turn TLS on here (ssl with transport = "ssl" in the worker; listen {port} ssl in nginx), or use ws://{host}:{port} where no encryption is wanted',
      tr: 'TLS’in olduğu kapıya bağlanın (vekil sunucunun 443’ü), burada TLS’i açın (worker’da ssl ve transport = "ssl"; nginx’te listen {port} ssl) ya da şifre istemiyorsanız ws://{host}:{port} kullanın',
    },
  },
  'other-service': {
    severity: 'fault',
    cause: {
      en: 'port {port} is not a web server: {service} answers there (“{banner}”)',
      tr: '{port} kapısı bir web sunucusu değil: orada {service} yanıt veriyor (“{banner}”)',
    },
    remedy: {
      en: 'the port in the URL is wrong: use the port that the WebSocket service listens on',
      tr: 'URL’deki kapı yanlış: WebSocket hizmetinin dinlediği kapıyı kullanın',
    },
  },
  'tls-version': {
    severity: 'fault',
    cause: {
      en: 'the server has neither TLS 1.2 nor TLS 1.3 ({detail}): browsers speak nothing older',
      tr: 'sunucuda ne TLS 1.2 ne TLS 1.3 var ({detail}): tarayıcılar daha eskisini konuşmaz',
    },
    remedy: {
      en: 'turn both on: ssl_protocols TLSv1.2 TLSv1.3 (nginx), SSLProtocol -all +TLSv1.2 +TLSv1.3 (Apache), ssl-min-ver TLSv1.2 (HAProxy); an old OpenSSL must be updated',
      tr: 'ikisini de açın: ssl_protocols TLSv1.2 TLSv1.3 (nginx), SSLProtocol -all +TLSv1.2 +TLSv1.3 (Apache), ssl-min-ver TLSv1.2 (HAProxy); eski OpenSSL güncellenmeli',
    },
  },
  'tls-no-common-cipher': {
    severity: 'fault',
    cause: {
      en: 'client and server have no cipher suite in common (alert handshake_failure): its list is too old or too narrow, or it has no certificate',
      tr: 'istemci ile sunucunun ortak şifre takımı yok (handshake_failure uyarısı): sunucunun listesi çok eski ya da çok dar, ya da sertifikası yok',
    },
    remedy: {
      en: 'take the cipher list out of the configuration or use that of usta proxy (ECDHE with AES-GCM or ChaCha20); check that a certificate is configured for this name',
      tr: 'şifre listesini yapılandırmadan çıkarın ya da usta proxy’nin yazdığını kullanın (ECDHE ile AES-GCM veya ChaCha20); bu ad için bir sertifika tanımlı mı denetleyin',
    },
  },
  'tls-unknown-name': {
    severity: 'fault',
    cause: {
      en: 'the server has no certificate for {host} (alert unrecognized_name)',
      tr: 'sunucuda {host} için sertifika yok (unrecognized_name uyarısı)',
    },
    remedy: {
      en: 'add the name to the TLS configuration: server_name {host} (nginx), ServerName {host} (Apache), a site block {host} (Caddy), with its certificate; or use the right name',
      tr: 'adı TLS yapılandırmasına sertifikasıyla ekleyin: server_name {host} (nginx), ServerName {host} (Apache), {host} site bloğu (Caddy); ya da doğru adı kullanın',
    },
  },
  'tls-internal-error': {
    severity: 'fault',
    cause: {
      en: 'the server fails while it begins TLS (alert internal_error): mostly a certificate or key that it cannot load for {host}',
      tr: 'sunucu TLS’e başlarken hata veriyor (internal_error uyarısı): çoğu kez {host} için yükleyemediği bir sertifika veya anahtar',
    },
    remedy: {
      en: 'read the error log of the server; check the paths and rights of certificate and key; with Caddy or another automatic certificate, wait for it or see why it was not issued',
      tr: 'sunucunun hata günlüğünü okuyun; sertifika ve anahtarın yolunu ve izinlerini denetleyin; Caddy gibi otomatik sertifikada verilmesini bekleyin ya da neden verilmediğine bakın',
    },
  },
  'tls-alert': {
    severity: 'fault',
    cause: {
      en: 'the server ends the TLS handshake with alert {number} {name}: {meaning}',
      tr: 'sunucu TLS el sıkışmasını {number} {name} uyarısıyla bitiriyor: {meaning}',
    },
    remedy: {
      en: 'its error log has the other half of the story: look there for this moment',
      tr: 'öykünün diğer yarısı sunucunun hata günlüğünde: bu ana ait satıra bakın',
    },
  },
  'client-certificate-required': {
    severity: 'fault',
    cause: {
      en: 'the server asks every client for a certificate of its own, and browsers without one cannot connect',
      tr: 'sunucu her istemciden sertifika istiyor; sertifikası olmayan tarayıcılar bağlanamaz',
    },
    remedy: {
      en: 'take it out for this address: ssl_verify_client off (nginx), SSLVerifyClient none (Apache), verify_peer: false (usta); with Cloudflare, authenticated origin pulls allow Cloudflare only',
      tr: 'bu adres için kaldırın: ssl_verify_client off (nginx), SSLVerifyClient none (Apache), verify_peer: false (usta); Cloudflare’in authenticated origin pulls ayarı yalnızca Cloudflare’e izin verir',
    },
  },
  'http2-only': {
    severity: 'fault',
    cause: {
      en: 'the server speaks HTTP/2 only, and WebSockets are opened with HTTP/1.1',
      tr: 'sunucu yalnızca HTTP/2 konuşuyor, WebSocket ise HTTP/1.1 ile açılır',
    },
    remedy: {
      en: 'allow HTTP/1.1 beside it: alpn h2,http/1.1 (HAProxy), Protocols h2 http/1.1 (Apache), allowHTTP1: true (Node); nginx does so by itself',
      tr: 'yanında HTTP/1.1’e de izin verin: alpn h2,http/1.1 (HAProxy), Protocols h2 http/1.1 (Apache), allowHTTP1: true (Node); nginx bunu kendiliğinden yapar',
    },
  },
  'handshake-too-large': {
    severity: 'fault',
    cause: {
      en: 'the server sends more than {kilobytes} KiB in its TLS handshake: the certificate is too large for clients',
      tr: 'sunucu TLS el sıkışmasında {kilobytes} KiB’tan fazla gönderiyor: sertifika istemciler için çok büyük',
    },
    remedy: {
      en: 'send the certificate and its intermediates only (3 to 5 KiB): a whole list of authorities does not belong into the chain file',
      tr: 'yalnızca sertifikayı ve ara sertifikaları gönderin (3–5 KiB): otoritelerin tüm listesi zincir dosyasına konmaz',
    },
  },
  'tls-closed': {
    severity: 'fault',
    cause: {
      en: 'port {port} takes the connection and closes it during the TLS handshake without a word ({how})',
      tr: '{port} kapısı bağlantıyı alıyor ve TLS el sıkışması sırasında tek söz etmeden kapatıyor ({how})',
    },
    remedy: {
      en: 'read the error log of the server: often its key cannot be loaded or does not fit the certificate; or it waits for the PROXY protocol, or a firewall cuts by name',
      tr: 'sunucunun hata günlüğünü okuyun: çoğu kez anahtar yüklenemiyor ya da sertifikaya uymuyor; ya PROXY protokolü bekliyordur ya da bir güvenlik duvarı ada bakarak kesiyordur',
    },
  },
  'tls-silent': {
    severity: 'fault',
    cause: {
      en: 'port {port} takes the connection and then says nothing for {seconds} s: nobody there answers TLS',
      tr: '{port} kapısı bağlantıyı alıyor, sonra {seconds} saniye susuyor: orada TLS’e yanıt veren yok',
    },
    remedy: {
      en: 'check that the process behind the port is not blocked or stopped (usta status), and that the port is that of the service; a path with a small MTU loses large packets and looks the same',
      tr: 'kapının arkasındaki süreç takılı ya da durdurulmuş mu (usta status), kapı bu hizmetin kapısı mı denetleyin; MTU’su küçük bir yol da büyük paketleri yitirir ve aynı görünür',
    },
  },
  'tls12-missing': {
    severity: 'warning',
    cause: {
      en: 'a client that has TLS 1.2 only cannot connect ({detail})',
      tr: 'yalnızca TLS 1.2 bilen bir istemci bağlanamaz ({detail})',
    },
    remedy: {
      en: 'turn TLS 1.2 on beside 1.3 for older phones, mini programs and libraries: ssl_protocols TLSv1.2 TLSv1.3 (nginx)',
      tr: 'eski telefonlar, mini programlar ve kütüphaneler için 1.3’ün yanında TLS 1.2’yi de açın: ssl_protocols TLSv1.2 TLSv1.3 (nginx)',
    },
  },
  'wechat-tls12': {
    severity: 'fault',
    cause: {
      en: 'mini programs of WeChat need TLS 1.2, which the server does not offer ({detail})',
      tr: 'WeChat mini programları TLS 1.2 ister, sunucu ise sunmuyor ({detail})',
    },
    remedy: {
      en: 'turn TLS 1.2 on beside 1.3: ssl_protocols TLSv1.2 TLSv1.3 (nginx), SSLProtocol -all +TLSv1.2 +TLSv1.3 (Apache)',
      tr: '1.3’ün yanında TLS 1.2’yi de açın: ssl_protocols TLSv1.2 TLSv1.3 (nginx), SSLProtocol -all +TLSv1.2 +TLSv1.3 (Apache)',
    },
  },
};
