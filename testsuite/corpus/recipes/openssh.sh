apt='libssl-dev zlib1g-dev'
elfs='sshd ssh ssh-keygen ssh-agent ssh-keyscan sftp-server'
configure() { autoreconf -fi; ./configure --without-pam --without-hardening --without-zlib-version-check --with-privsep-path="$PWD/empty"; }
build() { make -j"$J" sshd ssh ssh-keygen ssh-agent ssh-keyscan sftp-server; }
