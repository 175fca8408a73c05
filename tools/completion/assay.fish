
# Asks the program for words that it alone knows.
function __assay_asked
    set -l program (commandline -opc)[1]
    command $program completion --words $argv 2>/dev/null </dev/null
end

# The words behind the verb that are no options: "latest" of `assay show --all latest`.
function __assay_operands
    set -l words (commandline -opc)
    for word in $words[3..-1]
        string match -q -- '-*' $word; or echo $word
    end
end

function __assay_verb
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test $words[2] = $argv[1]
end

function __assay_no_verb
    test (count (commandline -opc)) -eq 1
end

function __assay_tests
    set -l run (__assay_operands)[1]
    test -n "$run"; and __assay_asked tests $run
end
