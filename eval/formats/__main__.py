"""Write the JSON Schema of our format anew, from the model that the loader uses."""

from eval.formats import SCHEMA, schema

if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
