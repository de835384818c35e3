import type { Entries } from './entry.ts';

export type CertificateCode =
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-wrong-name'
  | 'certificate-self-signed'
  | 'certificate-unknown-authority'
  | 'certificate-chain-incomplete'
  | 'certificate-chain-order'
  | 'certificate-weak-key'
  | 'certificate-weak-signature'
  | 'certificate-not-for-servers'
  | 'certificate-expires-soon'
  | 'clock-wrong'
  | 'clock-skew';

/** What the certificates tell. */
export const CERTIFICATE: Entries<CertificateCode> = {
  'certificate-expired': {
    severity: 'fault',
    cause: {
      en: 'the certificate of {subject} expired on {notAfter}, {days} days ago',
      tr: '{subject} sertifikasının süresi {notAfter} tarihinde, {days} gün önce doldu',
    },
    remedy: {
      en: 'renew it (certbot renew) and reload the server: a renewed file that was not reloaded still serves the old one',
      tr: 'yenileyin (certbot renew) ve sunucuya yeniden yükletin: yenilenip yüklenmeyen dosya eskisini sunmaya devam eder',
    },
  },
  'certificate-not-yet-valid': {
    severity: 'fault',
    cause: {
      en: 'the certificate of {subject} is not valid before {notBefore}',
      tr: '{subject} sertifikası {notBefore} tarihinden önce geçerli değil',
    },
    remedy: {
      en: 'check the clock of this machine and of the one that made the certificate; use one that is valid already',
      tr: 'bu makinenin ve sertifikayı üreten makinenin saatini denetleyin; şimdiden geçerli bir sertifika kullanın',
    },
  },
  'certificate-wrong-name': {
    severity: 'fault',
    cause: {
      en: 'the certificate is not for {name}: it is for {names}',
      tr: 'sertifika {name} için değil: {names} için',
    },
    remedy: {
      en: 'connect with a name that is in the certificate, or get one for {name}; a proxy that serves another site’s certificate lacks a server block with this name',
      tr: 'sertifikadaki bir adla bağlanın ya da {name} için sertifika alın; başka sitenin sertifikasını sunan vekil sunucuda bu ad için bir server bloğu eksiktir',
    },
  },
  'certificate-self-signed': {
    severity: 'fault',
    cause: {
      en: 'the certificate of {subject} has signed itself: nobody vouches for it',
      tr: '{subject} sertifikası kendini imzalamış: ona kefil olan yok',
    },
    remedy: {
      en: 'get one from a public authority (certbot, or Caddy by itself); for development, usta makes one that your browser can trust',
      tr: 'kamuya açık bir otoriteden alın (certbot; Caddy kendiliğinden alır); geliştirme için tarayıcınızın güvenebileceği bir sertifikayı usta üretir',
    },
  },
  'certificate-unknown-authority': {
    severity: 'fault',
    cause: {
      en: 'the certificate was signed by “{authority}”, an authority that clients do not know',
      tr: 'sertifikayı istemcilerin tanımadığı bir otorite, “{authority}” imzalamış',
    },
    remedy: {
      en: 'use a certificate of a public authority, or install this authority on every client (and check with --ca FILE)',
      tr: 'kamuya açık bir otoritenin sertifikasını kullanın ya da bu otoriteyi her istemciye kurun (ve --ca DOSYA ile denetleyin)',
    },
  },
  'certificate-chain-incomplete': {
    severity: 'fault',
    cause: {
      en: 'the server does not send the intermediate certificate “{missing}”, which signed that of {subject}; some browsers fetch it themselves, other clients fail {url}',
      tr: 'sunucu {subject} sertifikasını imzalayan “{missing}” ara sertifikasını göndermiyor; kimi tarayıcı onu kendisi indirir, öteki istemciler bağlanamaz {url}',
    },
    remedy: {
      en: 'serve the full chain: fullchain.pem in place of cert.pem (ssl_certificate in nginx, SSLCertificateFile in Apache, local_cert in usta); if “{missing}” is an authority of your own, clients need it installed',
      tr: 'zincirin tamamını sunun: cert.pem yerine fullchain.pem (nginx’te ssl_certificate, Apache’de SSLCertificateFile, usta’da local_cert); “{missing}” kendi otoritenizse istemcilere kurulmalıdır',
    },
  },
  'certificate-chain-order': {
    severity: 'fault',
    cause: {
      en: 'the certificates are sent in a wrong order: {sent}',
      tr: 'sertifikalar yanlış sırayla gönderiliyor: {sent}',
    },
    remedy: {
      en: 'put them into the file in this order, the server’s own first: {right}',
      tr: 'dosyaya, sunucununki en başta, şu sırayla koyun: {right}',
    },
  },
  'certificate-weak-key': {
    severity: 'fault',
    cause: {
      en: 'the key of {subject} is too weak for today’s clients: {key}',
      tr: '{subject} anahtarı bugünün istemcileri için çok zayıf: {key}',
    },
    remedy: {
      en: 'make a new key (EC P-256, or RSA of 2048 bits) and have the certificate issued for it',
      tr: 'yeni bir anahtar üretin (EC P-256 ya da 2048 bit RSA) ve sertifikayı onun için alın',
    },
  },
  'certificate-weak-signature': {
    severity: 'fault',
    cause: {
      en: 'the signature on {subject} is of a kind that clients no longer accept: {algorithm}',
      tr: '{subject} üzerindeki imza istemcilerin artık kabul etmediği türden: {algorithm}',
    },
    remedy: {
      en: 'have the certificate issued again: today’s authorities sign with SHA-256',
      tr: 'sertifikayı yeniden alın: bugünün otoriteleri SHA-256 ile imzalar',
    },
  },
  'certificate-not-for-servers': {
    severity: 'fault',
    cause: {
      en: 'what is sent as certificate is not one for servers ({problem}) {subject}',
      tr: 'sertifika diye gönderilen, sunucular için değil ({problem}) {subject}',
    },
    remedy: {
      en: 'use a certificate for TLS servers (extended key usage serverAuth): not that of the authority, of a client or of mail',
      tr: 'TLS sunucuları için bir sertifika kullanın (extended key usage serverAuth): otoritenin, istemcinin ya da e-postanınkini değil',
    },
  },
  'certificate-expires-soon': {
    severity: 'warning',
    cause: {
      en: 'the certificate of {subject} expires in {days} days, on {notAfter}',
      tr: '{subject} sertifikasının süresi {days} gün sonra, {notAfter} tarihinde doluyor',
    },
    remedy: {
      en: 'renew it now and see why it was not renewed by itself (certbot renew --dry-run)',
      tr: 'şimdi yenileyin ve neden kendiliğinden yenilenmediğine bakın (certbot renew --dry-run)',
    },
  },
  'clock-wrong': {
    severity: 'fault',
    cause: {
      en: 'the clock of this machine says {ours}, the server’s says {theirs}: by the server’s time the certificate is valid, by ours it is not',
      tr: 'bu makinenin saati {ours}, sunucununki {theirs}: sertifika sunucunun saatine göre geçerli, bizimkine göre değil',
    },
    remedy: {
      en: 'set the clock of this machine (timedatectl set-ntp true); the certificate is right',
      tr: 'bu makinenin saatini ayarlayın (timedatectl set-ntp true); sertifika doğru',
    },
  },
  'clock-skew': {
    severity: 'warning',
    cause: {
      en: 'the clocks differ by {seconds} s: this machine says {ours}, the server {theirs}',
      tr: 'saatler arasında {seconds} sn fark var: bu makine {ours}, sunucu {theirs} diyor',
    },
    remedy: {
      en: 'set the clock that is wrong (timedatectl set-ntp true): tokens and certificates are judged by it',
      tr: 'yanlış olan saati ayarlayın (timedatectl set-ntp true): belirteçler ve sertifikalar ona göre değerlendirilir',
    },
  },
};
