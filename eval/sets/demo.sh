# The demo: a library from the sample documents, an answer, a refusal. Run by `make demo`.
set -eu
export RAG_COLLECTION=eurasia
samples=$(dirname "$0")/eurasia/documents

echo "\$ rag sync $samples"
"$RAG" sync "$samples"
echo
question="Was the goal of \$100 billion of trade by 2015 met, and if not, when was that level reached?"
echo "\$ rag ask \"$question\""
"$RAG" ask "$question"
echo
question="What does Russia charge a foreign ship for an icebreaker escort on the Northern Sea Route?"
echo "\$ rag ask \"$question\""
"$RAG" ask "$question"
echo
echo "Open the chat in the browser:  RAG_HOME=$RAG_HOME RAG_COLLECTION=eurasia $RAG ui"
