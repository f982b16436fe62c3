export type {
  SignatureConfig,
  SignatureKeyConfig,
  SignatureKeyOptions,
  SignatureOptions,
  UploadConfig,
  UploadOptions,
  UploadStorePort,
} from './config/index.ts'
export type {
  ClientKeyRegistered,
  EncryptionCurve,
  EncryptionJwk,
  EncryptionKeyCreated,
  FieldEncryption,
  FieldPlace,
  RequestSignatures,
  SignatureAlgorithm,
  SignatureKey,
  SignatureKeyFinder,
  SignatureVerdict,
  SignedBy,
  SignedOptions,
  SigningAlgorithm,
  SigningKey,
  SignRequestOptions,
  VerifiedSignature,
} from './signatures/index.ts'
export { importSignatureKey, signRequest } from './signatures/index.ts'
export type {
  InspectionBounds,
  ReceivedForm,
  ServedUpload,
  UploadContext,
  UploadedFile,
  UploadRules,
  UploadStore,
  Uploads,
  UploadType,
} from './uploads/index.ts'
export { uploadTypes } from './uploads/index.ts'
