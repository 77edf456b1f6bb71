internal import CobreEngine
