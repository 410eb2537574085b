# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: CC0-1.0
#
# Completion of mycelium-socksctl for bash; needs nothing but bash.

# Words as the program gets them: for bash a colon ends one, but addresses have seven. A
# name may have blanks, behind a backslash or a quotation mark.
_mycelium_socksctl ()
{
  local line=${COMP_LINE:0:COMP_POINT}
  local last='(^|[[:space:]])("[^"]*|'\''[^'\'']*|([^[:space:]\\"'\'']|\\.)*)$'
  [[ $line =~ $last ]] || return
  local typed=${BASH_REMATCH[2]}
  local current=$typed command='' word candidates=() i
  local -a words names=() quoted=()
  # Without -r: what is behind a backslash does not end a word.
  # shellcheck disable=SC2162
  read -a words <<<"${line%"$current"}"

  for ((i = 1; i < ${#words[@]}; i++)); do
    word=${words[i]}
    case $word in
      -t | --timeout | -s | --sort) ((i++)) ;;
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  word=''
  [ "${#words[@]}" = 0 ] || word=${words[${#words[@]} - 1]}

  # Quoted or not is the same to us.
  current=${current//[\\\"\']/}
  local begun=$current
  case $word in
    -s | --sort) candidates=(address latency seen status) ;;
    -t | --timeout) return ;;
    *)
      case $command in
        '') candidates=(check connect disconnect env list monitor name probe run status --json
              --timeout --version --help) ;;
        run)
          # From here on it is another command's line.
          ((i + 1 < ${#words[@]})) && { COMPREPLY=($(compgen -f -- "$current")); return; }
          COMPREPLY=($(compgen -c -- "$current"))
          return ;;
        check | connect | name)
          candidates=(--json --timeout --help)
          [ "$command" != connect ] || candidates+=(--wait)
          [ "$command" != name ] || candidates+=(--names --remove)
          if ((i + 1 == ${#words[@]})) && [[ $current != -* ]]; then
            mapfile -t candidates < <(_mycelium_socksctl_addresses "$command")
            _mycelium_socksctl_unwrap
            mapfile -t names < <(mycelium-socksctl name --names 2>/dev/null)
          fi ;;
        env) candidates=(sh fish --json --help) ;;
        list) candidates=(--all --addresses --sort --wide --json --timeout --help) ;;
        probe) candidates=(now start stop --json --timeout --help) ;;
        *) candidates=(--json --timeout --help) ;;
      esac ;;
  esac

  # What stands before the last colon is on the line already, and bash keeps it.
  local kept=$typed
  [[ $COMP_WORDBREAKS == *:* && $kept == *:* ]] && kept=${kept%"${kept##*:}"} || kept=''
  kept=${kept//\\/}
  COMPREPLY=()
  for word in "${candidates[@]}"; do
    [[ $word == "$current"* ]] && COMPREPLY+=("${word#"$kept"}")
  done
  # Blanks would end the word that all of them have in common.
  for word in "${names[@]}"; do
    [[ $word != "$begun"* ]] || quoted+=("$(_mycelium_socksctl_quote "$word")")
  done
  # Brackets are a pattern to bash; in a list they shall look as they are.
  [ "${#COMPREPLY[@]} ${#quoted[@]}" != '1 0' ] ||
    COMPREPLY=("$(_mycelium_socksctl_quote "${COMPREPLY[0]}")")
  COMPREPLY+=("${quoted[@]}")
}

# As it can stand on the line: behind a quotation mark it is as it is.
_mycelium_socksctl_quote ()
{
  if [[ $typed == [\"\']* ]]; then
    printf %s "$1"
  else
    printf %q "$1"
  fi
}

# Who leaves the bracket out shall find it put in. Behind a colon it is too late for that;
# but an address without brackets is one too, with the usual port.
_mycelium_socksctl_unwrap ()
{
  local address bare=()
  [[ $current != '' && $current != \[* ]] || return 0
  if [[ $current != *:* ]]; then
    current=[$current
    return
  fi
  for address in "${candidates[@]}"; do
    [[ $address != \[*]:1080 ]] || { address=${address#\[}; bare+=("${address%]:1080}"); }
  done
  candidates=("${bare[@]}")
}

_mycelium_socksctl_addresses ()
{
  local options=(--addresses)
  [ "$1" = connect ] || options+=(--all)
  mycelium-socksctl --timeout 2 list "${options[@]}" 2>/dev/null
}

complete -F _mycelium_socksctl mycelium-socksctl
