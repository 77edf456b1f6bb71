package import CobreBase
internal import CobreCase
internal import CobreEngine

/// Schema of one edit of a case, as `edit_case` and `copy_case` take it.
package enum EditSchema {
  package static let item: JSONObject = [
    "type": "object",
    "properties": [
      "file": ["type": "string", "description": "e.g. system/hydros.json"],
      "at": [
        "type": "string",
        "description": "JSON: the part, e.g. hydros[id=1].generation, stages[*], thermals[+] for a new one",
      ],
      "merge": ["type": "object", "description": "JSON merge patch for that part; null removes a key"],
      "remove": ["type": "boolean", "description": "Remove that part; without `at` the file"],
      "rows": [
        "type": "array", "items": ["type": "object"], "description": "Table: rows to add or change by key",
      ],
      "where": ["type": "object", "description": "Table: rows for set and multiply; {} for all"],
      "set": ["type": "object", "description": "Values by column"],
      "multiply": ["type": "object", "description": "Factors by column, e.g. {\"mean_m3s\": 0.9}"],
      "delete_rows": ["type": "array", "items": ["type": "object"], "description": "Table: rows to remove"],
      "keep_stages": ["type": "integer", "description": "stages.json: the first so many stay"],
      "content": ["type": "string", "description": "The whole file: JSON or CSV"],
    ],
    "required": ["file"],
    "additionalProperties": false,
  ]
}
