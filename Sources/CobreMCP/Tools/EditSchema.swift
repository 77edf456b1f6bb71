package import CobreEngine

/// Schema of one edit of a case, as `edit_case` and `copy_case` take it.
package enum EditSchema {
  package static let item: JSONObject = [
    "type": "object",
    "properties": [
      "file": ["type": "string", "description": "Path in the case, e.g. system/hydros.json"],
      "at": [
        "type": "string",
        "description":
          "JSON: the part to change, e.g. hydros[id=1].generation, stages[*], thermals[+] for a new one. Default: the root",
      ],
      "merge": ["type": "object", "description": "JSON: RFC 7396 merge patch for that part; null removes a key"],
      "remove": ["type": "boolean", "description": "Remove what `at` names, or without `at` the file"],
      "rows": [
        "type": "array", "items": ["type": "object"],
        "description": "Table: rows with their key; changed where the key is there, else added",
      ],
      "where": ["type": "object", "description": "Table: rows that set and multiply change; {} for all"],
      "set": ["type": "object", "description": "Table: new values by column"],
      "multiply": ["type": "object", "description": "Table: factors by column, e.g. {\"mean_m3s\": 0.9}"],
      "delete_rows": ["type": "array", "items": ["type": "object"], "description": "Table: rows to remove, by values"],
      "content": ["type": "string", "description": "The whole file as text: JSON, or CSV with a header"],
    ],
    "required": ["file"],
    "additionalProperties": false,
  ]
}
