# bash completion for jrunc, made from its table of commands
_jrunc() {
  local word=${COMP_WORDS[COMP_CWORD]} command= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      create | delete | doctor | events | exec | features | kill | list | network | pause | plan | ps | resume | run | spec | start | state | update | validate) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command in
    create) COMPREPLY=($(compgen -W "--bundle --console-socket --pidfd-socket --pid-file --no-pivot --no-new-keyring --preserve-fds --network --publish --subnet --ip --mac-address --network-alias --ingress-rate --egress-rate $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    delete) COMPREPLY=($(compgen -W "--force $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    doctor) COMPREPLY=($(compgen -W "--json" -- "$word")) ;;
    events) COMPREPLY=($(compgen -W "--interval --stats $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    exec) COMPREPLY=($(compgen -W "--console-socket --cwd --env --tty --user --additional-gids --process --detach --pid-file --no-new-privs --cap --preserve-fds --cgroup --apparmor --process-label --pidfd-socket --ignore-paused $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    features) COMPREPLY=($(compgen -W "" -- "$word")) ;;
    kill) COMPREPLY=($(compgen -W "--all $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    list) COMPREPLY=($(compgen -W "--format --quiet" -- "$word")) ;;
    network) COMPREPLY=($(compgen -W "--json" -- "$word")) ;;
    pause) COMPREPLY=($(compgen -W " $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    plan) COMPREPLY=($(compgen -W "--json --network --publish --subnet --ip --mac-address --network-alias --ingress-rate --egress-rate" -- "$word")) ;;
    ps) COMPREPLY=($(compgen -W "--format $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    resume) COMPREPLY=($(compgen -W " $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    run) COMPREPLY=($(compgen -W "--bundle --console-socket --pidfd-socket --pid-file --no-pivot --no-new-keyring --preserve-fds --network --publish --subnet --ip --mac-address --network-alias --ingress-rate --egress-rate --detach --keep --no-subreaper $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    spec) COMPREPLY=($(compgen -W "--bundle --rootless" -- "$word")) ;;
    start) COMPREPLY=($(compgen -W " $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    state) COMPREPLY=($(compgen -W " $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    update) COMPREPLY=($(compgen -W "--resources --blkio-weight --cpu-period --cpu-quota --cpu-burst --cpu-share --cpu-rt-period --cpu-rt-runtime --cpu-idle --cpuset-cpus --cpuset-mems --memory --memory-reservation --memory-swap --kernel-memory --kernel-memory-tcp --pids-limit --l3-cache-schema --mem-bw-schema $(jrunc list -q 2>/dev/null)" -- "$word")) ;;
    validate) COMPREPLY=($(compgen -W "--json" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "create delete doctor events exec features kill list network pause plan ps resume run spec start state update validate --debug --log --log-format --trace --root --systemd-cgroup --rootless --help --version" -- "$word")) ;;
  esac
}
complete -F _jrunc jrunc
