#!/bin/sh
# What the tests need besides Python: a browser, PostgreSQL, Redis, nginx and Postfix, as Debian packages them.
# Installs what is missing when it may (root); otherwise says what is missing and ends non-zero.
set -eu

missing=""
command -v chromium >/dev/null || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$missing postgresql"
command -v redis-server >/dev/null || missing="$missing redis-server"
# Debian keeps it in /usr/sbin, which is not in everybody's PATH.
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
[ -x /usr/lib/postfix/sbin/master ] || missing="$missing postfix"
# Whoever is not root starts Postfix by it.
[ "$(id -u)" = 0 ] || command -v fakeroot-tcp >/dev/null || missing="$missing fakeroot"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "alliance: the tests need$missing: installing with apt-get" >&2
    # The tests start servers of their own: Debian's need not start, and need no cluster.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    # Postfix without settings does not start; should another mail server be here, nothing takes its place (--no-remove).
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    # shellcheck disable=SC2086
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove $missing; } >&2; then exit 0; fi
fi
echo "alliance: the tests need packages that are not here: apt-get install$missing" >&2
exit 1
